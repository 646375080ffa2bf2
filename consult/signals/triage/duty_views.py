"""Assessors' pages of the on-call rota, practice alarms and decisions on many reports at once."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, ngettext
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.signals import service
from consult.signals.on_call import rota
from consult.signals.on_call import service as on_call
from consult.signals.triage import queries, seats
from consult.signals.triage.forms import SignalButtonForm, SignalDutyForm, SignalManyForm
from consult.signals.triage.views import blueprint, seated

_BUTTONS = ("practise", "here")
MOST_AT_ONCE = 500
"""Maximum number of reports decided in one request."""


@blueprint.route("/review/signals/duties", allow=Allow.MODERATOR, methods=["GET", "POST"])
def duties() -> ResponseReturnValue:
    """Show and change the on-call rota, send a practice alarm and answer it."""
    session = db.session()
    seated()
    people = [it for it in seats.list_holders(session) if it.seated]
    form = SignalDutyForm(people)
    do = request.form.get("do", "")
    if (SignalButtonForm() if do in _BUTTONS or do.startswith("remove:") else form).validate_on_submit():
        try:
            flash(_change(form, do), "ok")
            return redirect(url_for("signal_triage.duties"), 303)
        except Refusal as refusal:
            session.rollback()
            form.refuse(refusal)
    page = render_template(
        "signals/duties.html",
        form=form,
        duties=rota.list_duties(session, since=now().date()),
        names={it.id: it.name for it in people},
        practice=on_call.get_practice(session),
    )
    return page, form.problem_status if form.problems else 200


def _change(form: SignalDutyForm, do: str) -> str:
    session = db.session()
    if do == "practise":
        on_call.practise(session)
        return _("Practice alarm sent.")
    if do == "here":
        on_call.take_practice(session)
        return _("Practice alarm answered.")
    if do.startswith("remove:"):
        rota.remove(session, read_number(do.removeprefix("remove:")) or 0)
        return _("Shift removed.")
    first, last = form.starts_on.data, form.ends_on.data
    assert first is not None
    assert last is not None
    rota.add(
        session,
        account_id=int(form.account.data),
        position=int(form.position.data),
        starts_on=first,
        ends_on=last,
    )
    return _("Shift added.")


@blueprint.route("/review/signals/many", allow=Allow.MODERATOR, methods=["POST"])
def many() -> ResponseReturnValue:
    """Take or decline the ticked reports and those grouped with them in the queue. Each is recorded by itself."""
    me, session = seated(), db.session()
    form = SignalManyForm()
    if not form.validate():
        flash(_("We could not read the form. Go back, reload the page and try again."), "warn")
        return redirect(url_for("signal_triage.queue"), 303)
    rows = queries.list_folded(session, request.form.getlist("reports")[: queries.MAX_LISTED], MOST_AT_ONCE)
    try:
        for row in rows:
            if request.form.get("do") == "decline":
                service.decline_report(session, row, by=me, reason=form.reason.data)
            else:
                service.take_report(session, row, by=me)
    except Refusal as refusal:
        session.rollback()
        flash(refusal.message, "warn")
        return redirect(url_for("signal_triage.queue"), 303)
    if not rows:
        flash(_("Tick at least one report."), "warn")
    elif request.form.get("do") == "decline":
        flash(
            ngettext("%(num)s report marked as not a signal.", "%(num)s reports marked as not a signal.", len(rows)),
            "ok",
        )
    else:
        flash(
            ngettext("You are now assessing %(num)s report.", "You are now assessing %(num)s reports.", len(rows)), "ok"
        )
    return redirect(url_for("signal_triage.queue"), 303)
