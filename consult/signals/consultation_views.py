"""What public bodies do about a signal: a consultation on the response, an answer. /signals/<slug>/…"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.views import current_account, render_form, show_refusal
from consult.bodies import service as bodies
from consult.bodies.model import BodyRole
from consult.core.db import db
from consult.core.errors import Forbidden, Refusal
from consult.core.i18n import N_, _
from consult.core.web.access import Allow
from consult.core.web.forms import DropdownField, Form, LongTextField, SelectChoice
from consult.core.web.requests import Blueprint
from consult.signals import consultations, queries, service

blueprint = Blueprint("signal_consultations", __name__)
_DAYS = (7, 14, 21, 30, 60)


class ResponseConsultationForm(Form):
    """In whose name, and for how long."""

    body = DropdownField(N_("Who asks"))
    days = DropdownField(N_("Open for"), default=str(consultations.DAYS))

    def __init__(self, names: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.body.choices = [SelectChoice(name, name) for name in names]
        self.days.choices = [SelectChoice(str(n), _("%(n)s days", n=n)) for n in _DAYS]


@blueprint.route("/signals/<slug>/consultation", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def open_one(slug: str) -> ResponseReturnValue:
    """Asks in whose name; then its owner goes on to set it up at the desk."""
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
                _("It is set up with the early-warning switch on. Check its text and questions, then publish it."), "ok"
            )
            return redirect(url_for("consultations.overview", number=row.id), 303)
    return render_form("signals/consult.html", form, page=page, row=page.signal.row)


class SignalAnswerForm(Form):
    """What a body does, in its name."""

    body = DropdownField(N_("In whose name?"))
    words = LongTextField(
        N_("What does it do, and by when?"), most=2_000, description=N_("This is public at once, and stays.")
    )

    def __init__(self, names: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.body.choices = [SelectChoice(name, name) for name in names]


@blueprint.route("/signals/<slug>/answer", allow=Allow.POLICYMAKER, methods=["GET", "POST"])
def answer(slug: str) -> ResponseReturnValue:
    """A body's own words on the page of a signal."""
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
            flash(_("The answer is on the page."), "ok")
            return redirect(url_for("signals.one", slug=slug), 303)
    return render_form("signals/answer.html", form, row=page.signal.row)
