"""Moderators' pages of files that wait for checks, and of the text of clean files."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.i18n import ngettext
from consult.core.text import read_number
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.files import attachments
from consult.submissions.evidence import unchecked_files
from consult.submissions.forms import ConfirmButtonForm

blueprint = Blueprint("waiting", __name__)


@blueprint.route("/review/files", allow=Allow.MODERATOR)
def files() -> ResponseReturnValue:
    after = request.args.get("after")
    queue = unchecked_files.list_pending(db.session(), after=after)
    return render_template("evidence/waiting.html", queue=queue, form=ConfirmButtonForm(), first_page=not after)


@blueprint.route("/review/files/again", allow=Allow.MODERATOR, methods=["POST"])
def again() -> ResponseReturnValue:
    if ConfirmButtonForm().validate_on_submit():
        wanted = [number for number in map(read_number, request.form.getlist("file")) if number is not None]
        count = attachments.check_again(db.session(), wanted[: unchecked_files.PAGE])
        flash(ngettext("%(num)s file is being checked now.", "%(num)s files are being checked now.", count), "ok")
    return redirect(url_for("waiting.files"), 303)


@blueprint.route("/review/evidence/<int(max=9223372036854775807):file_id>/words", allow=Allow.MODERATOR)
def words(file_id: int) -> ResponseReturnValue:
    return render_template("evidence/words.html", it=unchecked_files.get_text(db.session(), file_id))
