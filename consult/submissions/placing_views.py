"""The owner's list of comments that a rule did not dare to move: place them, or leave them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.consultations.desk import ONE, me, refuse
from consult.core.access import Allow
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import ngettext
from consult.core.web import Blueprint
from consult.submissions import placing
from consult.submissions.forms import PlaceForm

blueprint = Blueprint("placing", __name__)


@blueprint.route(f"{ONE}/placing", allow=Allow.POLICYMAKER)
def waiting(number: int) -> ResponseReturnValue:
    page = placing.waiting(db.session(), number=number, by=me(), after=request.args.get("after"))
    return render_template("submissions/placing.html", page=page)


@blueprint.route(f"{ONE}/placing/<int(max=9223372036854775807):comment_id>", allow=Allow.POLICYMAKER,
                 methods=["GET", "POST"])  # fmt: skip
def one(number: int, comment_id: int) -> ResponseReturnValue:
    page = placing.one(db.session(), number=number, comment_id=comment_id, by=me())
    form = PlaceForm(page.group.proposed is not None)
    if form.validate_on_submit():
        try:
            n = placing.decide(db.session(), number=number, comment_id=comment_id, by=me(), **form.answers())
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            flash(ngettext("%(num)s comment is placed.", "%(num)s comments are placed.", n), "ok")
            return redirect(url_for("placing.waiting", number=number), 303)
    return render_template("submissions/place_one.html", page=page, form=form), 422 if form.is_submitted() else 200
