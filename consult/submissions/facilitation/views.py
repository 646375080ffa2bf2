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
from consult.submissions.facilitation.model import Consent, Facilitation
from consult.submissions.forms import ConfirmButtonForm
from consult.submissions.pages import author
from consult.submissions.pages import queries as pages_queries
from consult.submissions.views import draft_owner

blueprint = Blueprint("facilitation", __name__)


class WholeNumberField(IntegerField):
    """A whole number, with a helpful error message."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Enter a whole number, such as 12")) from None


class MeetingForm(Form):
    present = WholeNumberField(
        N_("How many people were present?"),
        [InputRequired(N_("Enter the number of people present"))],
        description=N_("Published with the submission. It still counts as one submission."),
        widget=widgets.TextInput("short", inputmode="numeric", dir="ltr"),
    )
    group = DropdownField(N_("Which group?"), default="", description=N_("Groups this consultation wants to include."))
    held_on = DatePartsField(N_("When did the group meet?"), [InputRequired(N_("Enter the day"))])
    consent = RadioGroupField(
        N_("How did the group agree to send this?"),
        [required(N_("Choose how the group agreed"))],
        choices=[
            SelectChoice(Consent.SPOKEN, N_("Each person agreed aloud")),
            SelectChoice(Consent.WRITTEN, N_("Each person agreed in writing")),
        ],
    )
    agreed = BooleanField(
        N_("Everyone knew this would be published and agreed freely"),
        [required(N_("Confirm that everyone agreed before you send"))],
    )

    def __init__(self, row: Consultation, known: Facilitation | None) -> None:
        super().__init__(obj=known)
        names = [SelectChoice(it["name"], it["name"]) for it in row.groups]
        self.group.choices = [SelectChoice("", _("Another or mixed group")), *names]


@blueprint.route("/c/<slug>/respond/code", allow=Allow.ANYONE)
def by_code(slug: str) -> ResponseReturnValue:
    """Redirect to the provision of a code on the paper form, in the printed version.

    If the code has no version and versions differ, the page asks for it.
    """
    frame = pages_queries.frame(db.session(), slug, draft_owner(slug))
    row = frame.consultation
    code = paper_codes.parse_code(request.args.get("code", ""), own=row.code)
    asked = {f"q{frame.number_of(row)}": row for row in frame.questions}.get(code.place.lower())
    found = paper_codes.resolve_code(db.session(), row, code)
    such = paper_codes.format_code(row.code, frame.places.number, "2.1")
    if code.consultation not in ("", row.code):
        flash(
            _("This code is from another form. Codes of this consultation begin with %(code)s.", code=row.code), "warn"
        )
    elif asked is not None:
        return redirect(url_for("submissions.questions", slug=slug, _anchor=f"answer_{asked.id}"), 303)
    elif not found:
        flash(
            _(
                "This draft has no version %(number)s. The version is printed at the bottom of each page.",
                number=code.version,
            ),
            "warn",
        )
    elif not any(found.values()):
        flash(
            _(
                "We cannot find this code in the form. Codes are printed next to the lines, such as %(code)s.",
                code=such,
            ),
            "warn",
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
        raise Forbidden(_("The consultation owner has not asked you to submit for groups."))
    known = facilitation.get_open_meeting(db.session(), row.id, me.id)
    form = MeetingForm(row, known)
    if request.form.get("do") == "stop" and known is not None:
        facilitation.stop(db.session(), consultation=row, by=me)
        flash(_("You are no longer writing for a group."), "ok")
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
            flash(_("Meeting saved. Your next submission here is for this group."), "ok")
            return redirect(url_for("submissions.respond", slug=slug), 303)
    page = render_template("submissions/facilitate.html", it=row, form=form, known=known)
    return page, 422 if form.problems else 200


@blueprint.route("/c/<slug>/sent/<reference>/group", allow=Allow.ANYONE, methods=["POST"])
def say_group(slug: str, reference: str) -> ResponseReturnValue:
    """Set the group of a submission just sent from this browser."""
    if reference not in session.get("sent", []):
        raise NotFound(_("We cannot find a submission with this reference. Check it for typing mistakes."))
    if ConfirmButtonForm().validate_on_submit():
        row = author.get_receipt(db.session(), slug, reference=reference).submission
        facilitation.say_group(db.session(), row, request.form.get("group", ""))
        flash(_("Thank you. We will count your submission for this group once it is published."), "ok")
    return redirect(url_for("submissions.sent", slug=slug, reference=reference), 303)
