"""The page on which a facilitator says who was there: /c/<slug>/facilitate."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField
from wtforms.validators import InputRequired

from consult.accounts.model import Account
from consult.consultations import facilitators
from consult.consultations.model import Consultation
from consult.core import widgets
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Forbidden, Refusal
from consult.core.forms import BooleanField, Choice, Day, Form, Pick, SelectChoice, required
from consult.core.i18n import N_, _
from consult.core.web import Blueprint, principal
from consult.submissions import facilitating, lists, pages
from consult.submissions.model import Consent, Facilitation
from consult.submissions.views import owner

blueprint = Blueprint("facilitation", __name__)


class Whole(IntegerField):
    """A whole number; says what to do where it is none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Enter a whole number, such as 12")) from None


class GroupForm(Form):
    present = Whole(
        N_("How many people were there?"),
        [InputRequired(N_("Enter how many people were there"))],
        description=N_("Public, beside what you send: it still counts as one submission."),
        widget=widgets.Text("short", inputmode="numeric", dir="ltr"),
    )
    group = Pick(N_("Which group?"), default="", description=N_("One of those that the consultation sets out to hear."))
    held_on = Day(N_("When did they meet?"), [InputRequired(N_("Enter the day"))])
    consent = Choice(
        N_("How did they agree that this is sent?"),
        [required(N_("Choose how they agreed"))],
        choices=[
            SelectChoice(Consent.SPOKEN, N_("Aloud, each of them")),
            SelectChoice(Consent.WRITTEN, N_("In writing, each of them")),
        ],
    )
    agreed = BooleanField(
        N_("Everybody knew that it is published, and nobody was pressed"),
        [required(N_("Send only what everybody agreed to"))],
    )

    def __init__(self, row: Consultation, known: Facilitation | None) -> None:
        super().__init__(obj=known)
        names = [SelectChoice(it["name"], it["name"]) for it in row.groups]
        self.group.choices = [SelectChoice("", _("Another, or mixed")), *names]


@blueprint.route("/c/<slug>/respond/code", allow=Allow.ANYONE)
def by_code(slug: str) -> ResponseReturnValue:
    """To the place that a code of the form on paper stands for, where what was written there is typed in."""
    frame = pages.frame(db.session(), slug, owner(slug))
    form, _slash, code = "".join(request.args.get("code", "").split()).rpartition("/")
    asked = {f"q{frame.number_of(row)}": row for row in frame.questions}.get(code.lower())
    if form and form.upper() != frame.consultation.code:
        flash(_("This code is of another form: those of this consultation begin with %(code)s.",
                code=frame.consultation.code), "warn")  # fmt: skip
    elif asked is not None:
        return redirect(url_for("submissions.questions", slug=slug, _anchor=f"answer_{asked.id}"), 303)
    elif place := frame.places.find(code) or frame.places.find(code.lower()):
        return redirect(url_for("commenting.write", slug=slug, number=place.key), 303)
    else:
        flash(_("No place of this form has this code. It stands beside the lines, such as %(code)s/2.1.",
                code=frame.consultation.code), "warn")  # fmt: skip
    return redirect(url_for("submissions.respond", slug=slug), 303)


@blueprint.route("/c/<slug>/facilitate", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def begin(slug: str) -> ResponseReturnValue:
    row, me = lists.consultation(db.session(), slug), cast("Account", principal())
    if not facilitators.may(db.session(), consultation=row, account_id=me.id):
        raise Forbidden(_("The owner of this consultation has not asked you to file for groups."))
    known = facilitating.going_on(db.session(), row.id, me.id)
    form = GroupForm(row, known)
    if request.form.get("do") == "stop" and known is not None:
        facilitating.stop(db.session(), consultation=row, by=me)
        flash(_("You write for yourself again."), "ok")
        return redirect(url_for("submissions.respond", slug=slug), 303)
    if form.validate_on_submit():
        try:
            facilitating.begin(
                db.session(), consultation=row, by=me, present=cast("int", form.present.data), group=form.group.data,
                consent=Consent(form.consent.data), held_on=cast("date", form.held_on.data),
            )  # fmt: skip
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(_("Recorded. What you send next here is this group’s."), "ok")
            return redirect(url_for("submissions.respond", slug=slug), 303)
    page = render_template("submissions/facilitate.html", it=row, form=form, known=known)
    return page, 422 if form.problems else 200
