"""Pages of the owner for comments without a certain position in the new version."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.consultations.view_helpers import CONSULTATION_PATH, current_account, show_refusal
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import ngettext
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.submissions.comments import manual_placement
from consult.submissions.forms import ManualPlacementForm

blueprint = Blueprint("placing", __name__)


@blueprint.route(f"{CONSULTATION_PATH}/placing", allow=Allow.POLICYMAKER)
def waiting(number: int) -> ResponseReturnValue:
    page = manual_placement.list_groups(
        db.session(), number=number, by=current_account(), after=request.args.get("after")
    )
    return render_template("submissions/placing.html", page=page)


@blueprint.route(
    f"{CONSULTATION_PATH}/placing/<int(max=9223372036854775807):comment_id>",
    allow=Allow.POLICYMAKER,
    methods=["GET", "POST"],
)
def one(number: int, comment_id: int) -> ResponseReturnValue:
    page = manual_placement.get_group(db.session(), number=number, comment_id=comment_id, by=current_account())
    form = ManualPlacementForm(page.group.proposed is not None)
    if form.validate_on_submit():
        try:
            n = manual_placement.decide(
                db.session(), number=number, comment_id=comment_id, by=current_account(), **form.answers()
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            flash(ngettext("%(num)s comment assigned.", "%(num)s comments assigned.", n), "ok")
            return redirect(url_for("placing.waiting", number=number), 303)
    return render_template("submissions/place_one.html", page=page, form=form), 422 if form.is_submitted() else 200
