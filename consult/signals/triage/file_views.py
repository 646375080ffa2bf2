"""Assessors' pages of report files: page images, cleaned copies, repeated checks and erasure."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.accounts.views import current_account
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.i18n import _, ngettext
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.files.downloads import answer_with_copy, answer_with_page
from consult.files.model import StoredFile
from consult.signals import service
from consult.signals.model import SignalReport
from consult.signals.reports import files as report_files
from consult.signals.triage.forms import SignalButtonForm, SignalFileForm
from consult.signals.triage.views import seated

blueprint = Blueprint("signal_files", __name__)
_FILES = "/review/signals/reports/<reference>/files"


def _get_report(reference: str) -> SignalReport:
    """Return a report for an assessor. Raises Forbidden and NotFound."""
    seated()
    return service.get_report(db.session(), reference)


def _get_file(reference: str, position: int) -> StoredFile:
    return report_files.get_shown(db.session(), _get_report(reference), position)


@blueprint.route(f"{_FILES}/<int(max=9):position>", allow=Allow.MODERATOR)
def copy(reference: str, position: int) -> ResponseReturnValue:
    """Return the cleaned copy, named after the report."""
    return answer_with_copy(_get_file(reference, position), f"{reference}-{position}")


@blueprint.route(f"{_FILES}/<int(max=9):position>/<int(max=9):number>", allow=Allow.MODERATOR)
def page_image(reference: str, position: int, number: int) -> ResponseReturnValue:
    return answer_with_page(db.session(), _get_file(reference, position).id, number)


@blueprint.route(_FILES, allow=Allow.MODERATOR, methods=["POST"])
def check_again(reference: str) -> ResponseReturnValue:
    """Check again the files that could not be checked yet."""
    report = _get_report(reference)
    if SignalButtonForm().validate_on_submit():
        count = report_files.check_again(db.session(), report)
        flash(ngettext("%(num)s file is being checked now.", "%(num)s files are being checked now.", count), "ok")
    return redirect(url_for("signal_triage.report", reference=reference), 303)


@blueprint.route(f"{_FILES}/<int(max=9):position>/destroy", allow=Allow.MODERATOR, methods=["GET", "POST"])
def destroy(reference: str, position: int) -> ResponseReturnValue:
    """Erase a file that must not be kept, with a reason."""
    report, form, back = _get_report(reference), SignalFileForm(), url_for("signal_triage.report", reference=reference)
    report_files.get_shown(db.session(), report, position)
    if form.validate_on_submit():
        try:
            report_files.take_away(db.session(), report, position, by=current_account(), reason=form.reason.data or "")
            flash(_("File erased. The author of the report can read the reason."), "ok")
            return redirect(back, 303)
        except Refusal as refusal:
            form.refuse(refusal)
    page = render_template("signals/destroy_file.html", form=form, report=report, position=position, back=back)
    return page, form.problem_status
