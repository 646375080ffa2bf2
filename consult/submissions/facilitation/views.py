"""The page on which a facilitator describes the group: /c/<slug>/facilitate."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField
from wtforms.validators import InputRequired

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.consultations.participation import facilitators
from consult.core.db import db
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import N_, _
from consult.core.web import widgets
from consult.core.web.access import Allow
from consult.core.web.forms import (
    BooleanField,
    DatePartsField,
    DropdownField,
    Form,
    RadioGroupField,
    SelectChoice,
    required,
)
from consult.core.web.requests import Blueprint, principal
from consult.submissions.comments import queries as comments_queries
from consult.submissions.facilitation import paper_codes
from consult.submissions.facilitation import service as facilitation
from consult.submissions.forms import ConfirmButtonForm
from consult.submissions.model import Consent, Facilitation
from consult.submissions.pages import author
from consult.submissions.pages import queries as pages_queries
from consult.submissions.views import draft_owner

blueprint = Blueprint("facilitation", __name__)


class WholeNumberField(IntegerField):
    """A whole number; says what to do where it is none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Enter a whole number, such as 12")) from None


class MeetingForm(Form):
    present = WholeNumberField(
        N_("How many people were there?"),
        [InputRequired(N_("Enter how many people were there"))],
        description=N_("Public, beside what you send: it still counts as one submission."),
        widget=widgets.TextInput("short", inputmode="numeric", dir="ltr"),
    )
    group = DropdownField(
        N_("Which group?"), default="", description=N_("One of those that the consultation sets out to hear.")
    )
    held_on = DatePartsField(N_("When did they meet?"), [InputRequired(N_("Enter the day"))])
    consent = RadioGroupField(
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
    """To the words that a code of the form on paper stands for, in the version that was printed.

    Where the code has no version and that makes a difference, it is asked for.
    """
    frame = pages_queries.frame(db.session(), slug, draft_owner(slug))
    row = frame.consultation
    code = paper_codes.parse_code(request.args.get("code", ""), own=row.code)
    asked = {f"q{frame.number_of(row)}": row for row in frame.questions}.get(code.place.lower())
    found = paper_codes.resolve_code(db.session(), row, code)
    such = paper_codes.format_code(row.code, frame.places.number, "2.1")
    if code.consultation not in ("", row.code):
        flash(_("This code is of another form: those of this consultation begin with %(code)s.", code=row.code), "warn")
    elif asked is not None:
        return redirect(url_for("submissions.questions", slug=slug, _anchor=f"answer_{asked.id}"), 303)
    elif not found:
        flash(
            _(
                "The draft has no version %(number)s. The foot of each page says which version was printed.",
                number=code.version,
            ),
            "warn",
        )
    elif not any(found.values()):
        flash(
            _("No place of this form has this code. It stands beside the lines, such as %(code)s.", code=such), "warn"
        )
    elif code.version is None and not paper_codes.have_same_words(found):
        return render_template("submissions/which_version.html", frame=frame, code=code, found=found)
    else:
        place = next(place for _number, place in sorted(found.items(), reverse=True) if place)
        return redirect(url_for("commenting.write", slug=slug, number=place.key, version=place.version), 303)
    return redirect(url_for("submissions.respond", slug=slug), 303)


@blueprint.route("/c/<slug>/facilitate", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def begin(slug: str) -> ResponseReturnValue:
    row, me = comments_queries.get_consultation(db.session(), slug), cast("Account", principal())
    if not facilitators.may_facilitate(db.session(), consultation=row, account_id=me.id):
        raise Forbidden(_("The owner of this consultation has not asked you to file for groups."))
    known = facilitation.get_open_meeting(db.session(), row.id, me.id)
    form = MeetingForm(row, known)
    if request.form.get("do") == "stop" and known is not None:
        facilitation.stop(db.session(), consultation=row, by=me)
        flash(_("You write for yourself again."), "ok")
        return redirect(url_for("submissions.respond", slug=slug), 303)
    if form.validate_on_submit():
        try:
            facilitation.begin(
                db.session(),
                consultation=row,
                by=me,
                present=cast("int", form.present.data),
                group=form.group.data,
                consent=Consent(form.consent.data),
                held_on=cast("date", form.held_on.data),
            )
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(_("Recorded. What you send next here is this group’s."), "ok")
            return redirect(url_for("submissions.respond", slug=slug), 303)
    page = render_template("submissions/facilitate.html", it=row, form=form, known=known)
    return page, 422 if form.problems else 200


@blueprint.route("/c/<slug>/sent/<reference>/group", allow=Allow.ANYONE, methods=["POST"])
def say_group(slug: str, reference: str) -> ResponseReturnValue:
    """The writer of what this browser has just sent says for which of the groups it speaks."""
    if reference not in session.get("sent", []):
        raise NotFound(_("No submission has this reference. Check it for typing mistakes."))
    if ConfirmButtonForm().validate_on_submit():
        row = author.get_receipt(db.session(), slug, reference=reference).submission
        facilitation.say_group(db.session(), row, request.form.get("group", ""))
        flash(_("Thank you. It is counted so once it is published."), "ok")
    return redirect(url_for("submissions.sent", slug=slug, reference=reference), 303)
