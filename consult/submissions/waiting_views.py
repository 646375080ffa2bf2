"""What only moderators see of files: those that wait for their checks, and the words of those that are clean."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.access import Allow
from consult.core.db import db
from consult.core.i18n import ngettext
from consult.core.web import Blueprint
from consult.submissions import waiting
from consult.submissions.forms import Confirm

blueprint = Blueprint("waiting", __name__)


@blueprint.route("/review/files", allow=Allow.MODERATOR)
def files() -> ResponseReturnValue:
    after = request.args.get("after")
    queue = waiting.queue(db.session(), after=after)
    return render_template("evidence/waiting.html", queue=queue, form=Confirm(), first_page=not after)


@blueprint.route("/review/files/again", allow=Allow.MODERATOR, methods=["POST"])
def again() -> ResponseReturnValue:
    if Confirm().validate_on_submit():
        wanted = [int(value) for value in request.form.getlist("file") if value.isascii() and value.isdigit()]
        count = waiting.again(db.session(), [number for number in wanted if number < 2**63][: waiting.PAGE])
        flash(ngettext("%(num)s file is looked at now.", "%(num)s files are looked at now.", count), "ok")
    return redirect(url_for("waiting.files"), 303)


@blueprint.route("/review/evidence/<int(max=9223372036854775807):file_id>/words", allow=Allow.MODERATOR)
def words(file_id: int) -> ResponseReturnValue:
    return render_template("evidence/words.html", it=waiting.words(db.session(), file_id))
