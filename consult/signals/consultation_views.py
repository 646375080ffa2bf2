"""Pages on which public bodies respond to a signal: a consultation or an answer, under /signals/<slug>."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.views import current_account, render_form, show_refusal
from consult.bodies import service as bodies
from consult.bodies.model import BodyRole
from consult.core.db import db
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import N_, _, ngettext
from consult.core.web.access import Allow
from consult.core.web.forms import DropdownField, Form, LongTextField, SelectChoice
from consult.core.web.requests import Blueprint
from consult.signals import consultations, queries, service

blueprint = Blueprint("signal_consultations", __name__)
_DAYS = (7, 14, 21, 30, 60)


class ResponseConsultationForm(Form):
    """The body and the duration of a consultation on a signal."""

    body = DropdownField(N_("Public body"))
    days = DropdownField(N_("How long will the consultation be open?"), default=str(consultations.DAYS))

    def __init__(self, names: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.body.choices = [SelectChoice(name, name) for name in names]
        self.days.choices = [SelectChoice(str(n), ngettext("%(num)s day", "%(num)s days", n)) for n in _DAYS]


@blueprint.route("/signals/<slug>/consultation", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def open_one(slug: str) -> ResponseReturnValue:
    """Create a consultation on the response and redirect to its setup."""
    session, me = db.session(), current_account()
    page = queries.get_page(session, slug)
    names = [body.name for body in bodies.list_own(session, me, BodyRole.LEAD, BodyRole.DRAFTER)]
    form = ResponseConsultationForm(names)
    if form.validate_on_submit():
        try:
            row = consultations.open_consultation(
                session, service.get(session, slug), by=me, body=form.body.data, days=int(form.days.data)
            )
        except Forbidden:
            raise
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(
                _(
                    "Consultation prepared with early warning switched on. Check the text and questions, then "
                    "publish it."
                ),
                "ok",
            )
            return redirect(url_for("consultations.overview", number=row.id), 303)
    return render_form("signals/consult.html", form, page=page, row=page.signal.row)


class SignalAnswerForm(Form):
    """A body's answer to a signal."""

    body = DropdownField(N_("On whose behalf?"))
    words = LongTextField(
        N_("What will the body do, and by when?"),
        most=2_000,
        description=N_("This is published immediately and stays public."),
    )

    def __init__(self, names: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.body.choices = [SelectChoice(name, name) for name in names]


@blueprint.route("/signals/<slug>/answer", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def answer(slug: str) -> ResponseReturnValue:
    """Publish a body's answer on the page of a signal."""
    session, me = db.session(), current_account()
    page = queries.get_page(session, slug)
    known = {body.name: body for body in bodies.list_own(session, me, BodyRole.LEAD, BodyRole.DRAFTER)}
    form = SignalAnswerForm(list(known))
    if form.validate_on_submit():
        try:
            row = service.get(session, slug)
            service.answer(session, row, body=known[form.body.data], by=me, words=form.words.data or "")
        except Forbidden:
            raise
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(_("Answer published on the page of the warning."), "ok")
            return redirect(url_for("signals.one", slug=slug), 303)
    return render_form("signals/answer.html", form, row=page.signal.row)
