"""Page of assessors and offices, for administrators: /review/signals/seats."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.bodies import service as bodies
from consult.consultations.view_helpers import current_account
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, current_language
from consult.core.web.access import Allow
from consult.signals.offices import service as offices
from consult.signals.offices.model import OfficeKind
from consult.signals.places.regions import get_country_name
from consult.signals.triage import seats
from consult.signals.triage.forms import SignalOfficeForm, SignalSeatForm
from consult.signals.triage.views import blueprint


@blueprint.route("/review/signals/seats", allow=Allow.ADMIN, methods=["GET", "POST"])
def seats_page() -> ResponseReturnValue:
    """List assessors, those on call, and offices. Only an administrator changes them."""
    me, session = current_account(), db.session()
    people, listed = seats.list_holders(session), offices.list_offices(session)
    names = {row.row.id: f"{row.body.name} ({get_country_name(row.row.country, current_language())})" for row in listed}
    form, office_form = SignalSeatForm(people, names.items()), SignalOfficeForm(bodies.list_bodies(session))
    do = request.form.get("do", "")
    sent = office_form if do == "office" else form
    if sent.validate_on_submit():
        try:
            _change(me, do, form, office_form)
        except Refusal as refusal:
            session.rollback()
            sent.refuse(refusal)
        else:
            flash(_("List of assessors updated."), "ok")
            return redirect(url_for("signal_triage.seats_page"), 303)
    page = render_template(
        "signals/seats.html", people=people, form=form, office_form=office_form, offices=listed, names=names
    )
    return page, sent.problem_status if sent.problems else 200


def _change(me: Account, do: str, form: SignalSeatForm, office_form: SignalOfficeForm) -> None:
    session = db.session()
    action, _colon, number = do.partition(":")
    if action == "office":
        offices.open_office(
            session,
            body_id=int(office_form.body.data or 0),
            country=office_form.country.data or "",
            kind=OfficeKind(office_form.kind.data),
            by=me,
        )
    elif action == "close" and number.isdecimal():
        offices.close_office(session, int(number), by=me)
    elif action == "remove":
        seats.take_away(session, int(form.account.data))
    else:
        office_id = int(form.office.data) if form.office.data else None
        seats.give(session, account_id=int(form.account.data), on_call=form.on_call.data, office_id=office_id)
