"""Pages for files of reports on actions, and for withdrawing reports and removing files."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from consult.consultations.view_helpers import current_account
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.files.downloads import answer_with_copy, answer_with_page
from consult.plans.forms import PlanButtonForm
from consult.plans.reports import files as report_files
from consult.plans.reports import removal
from consult.plans.reports import service as reports

blueprint = Blueprint("action_reports", __name__)
_REPORT = "<int(max=9223372036854775807):number>"
_FILE = f"{_REPORT}/files/<int(max=9):file>"


@blueprint.route(f"/action-reports/{_FILE}", allow=Allow.ANYONE)
def download(number: int, file: int) -> ResponseReturnValue:
    """Return the cleaned copy of a published report's file."""
    return answer_with_copy(report_files.get_public_file(db.session(), number, file), f"report-{number}-{file}")


@blueprint.route(f"/review/action-reports/{_FILE}", allow=Allow.MODERATOR)
def read(number: int, file: int) -> ResponseReturnValue:
    """Return the cleaned copy of any report's file, for moderators."""
    return answer_with_copy(report_files.get_file(db.session(), number, file), f"report-{number}-{file}")


@blueprint.route(f"/review/action-reports/{_FILE}/<int(max=9):page>", allow=Allow.MODERATOR)
def page_image(number: int, file: int, page: int) -> ResponseReturnValue:
    return answer_with_page(db.session(), report_files.get_file(db.session(), number, file).id, page)


@blueprint.route(f"/action-reports/{_REPORT}/withdraw", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def withdraw(number: int) -> ResponseReturnValue:
    """Withdraw a report after a confirmation."""
    session, form = db.session(), PlanButtonForm()
    if form.validate_on_submit():
        action = removal.withdraw(session, number, by=current_account())
        flash(_("Report withdrawn. We erased it with its files."), "ok")
        return redirect(url_for("plans.action", number=action.id), 303)
    report = removal.get_waiting(session, number, by=current_account())
    action = reports.get_action(session, report.action_id)
    return render_template("plans/take_back.html", form=form, report=report, action=action)


@blueprint.route(f"/action-reports/{_FILE}/remove", allow=Allow.SIGNED_IN, methods=["GET", "POST"])
def remove(number: int, file: int) -> ResponseReturnValue:
    """Remove a file of a report after a confirmation."""
    session, form = db.session(), PlanButtonForm()
    report = removal.may_take_away(session, number, by=current_account())
    if form.validate_on_submit():
        action = removal.take_away_file(session, number, file, by=current_account())
        flash(_("File erased. The report says that a file was removed."), "ok")
        return redirect(url_for("plans.action", number=action.id), 303)
    listed = report_files.load_files(session, [report]).get(number, ())
    shown = next((file_shown for file_shown in listed if file_shown.number == file), None)
    if shown is None or shown.state is None:
        raise NotFound(_("We cannot find a file to remove here."))
    action = reports.get_action(session, report.action_id)
    return render_template("plans/remove_file.html", form=form, report=report, file=shown, action=action)
