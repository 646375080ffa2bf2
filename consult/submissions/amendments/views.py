"""The list of amendments, and their adoption into the next version by the owner."""

from __future__ import annotations

from typing import cast

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.model import Account
from consult.consultations import rights
from consult.consultations.rights import Deed
from consult.core.db import db
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint, principal
from consult.documents.versions import diff
from consult.submissions.amendments import queries, service
from consult.submissions.forms import ConfirmButtonForm
from consult.submissions.pages import queries as pages_queries
from consult.submissions.views import draft_owner

blueprint = Blueprint("amendments", __name__)
blueprint.add_app_template_filter(lambda before, after: diff.diff_words(before, after), "diff_runs")


@blueprint.route("/c/<slug>/amendments", allow=Allow.ANYONE)
def overview(slug: str) -> ResponseReturnValue:
    frame = pages_queries.frame(db.session(), slug, draft_owner(slug), asking=False)
    place = frame.place(key) if (key := request.args.get("on")) and key != "whole" else None
    amendments = queries.list_amendments(db.session(), frame.consultation, on=place.id if place else None)
    person = cast("Account | None", principal())
    owns = person is not None and rights.may(db.session(), person, frame.consultation, Deed.DRAFT)
    number = frame.consultation.id
    taken = service.list_in_next(db.session(), amendments, number=number, by=person) if owns and person else set()
    return render_template(
        "submissions/amendments.html",
        frame=frame,
        found=amendments,
        place=place,
        owns=owns,
        taken=taken,
        form=ConfirmButtonForm(),
    )


@blueprint.route(
    "/desk/consultations/<int(max=9223372036854775807):number>/amendments/<int(max=9223372036854775807):comment_id>",
    allow=Allow.POLICYMAKER,
    methods=["POST"],
)
def take(number: int, comment_id: int) -> ResponseReturnValue:
    taken = service.take(db.session(), number=number, comment_id=comment_id, by=cast("Account", principal()))
    if taken.deletes:
        text = _(
            "Paragraph %(number)s deleted from the next version. That version is not public until you publish it.",
            number=taken.place.name,
        )
    else:
        text = _(
            "Wording added to the next version, at %(number)s. That version is not public until you publish it.",
            number=taken.place.name,
        )
    flash(text, "ok")
    return redirect(url_for("consultations.next_map", number=number), 303)
