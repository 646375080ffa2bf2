"""Moderators' pages of reports on actions, under /review/action-reports."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from consult.core.db import db
from consult.core.i18n import _
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.decisions import appeals
from consult.decisions import view_helpers as pages
from consult.decisions.model import Outcome
from consult.decisions.process import DecisionMatter
from consult.decisions.view_helpers import QueueLine, QueueSection
from consult.moderation.checks import text_checks
from consult.plans.labels import PROGRESS_LABELS
from consult.plans.model import ReportState
from consult.plans.reports import queries
from consult.plans.reports.process import PROCESS

blueprint = Blueprint("action_report_review", __name__)
_NUMBER = "<int(max=9223372036854775807):number>"


@blueprint.route("/review/action-reports", allow=Allow.MODERATOR)
def review() -> ResponseReturnValue:
    waiting = {row.report.id: row for row in queries.list_waiting(db.session())}
    undecided = pages.list_undecided(PROCESS, [row.report for row in waiting.values()])
    lines = [
        QueueLine(
            url_for("action_report_review.decide", number=row.id),
            waiting[row.id].speaker,
            row.at,
            [str(PROGRESS_LABELS[row.progress]), waiting[row.id].action.title],
            row.words[:200],
            row.language,
        )
        for row in undecided
    ]
    lead = _(
        "Reports from organisations on actions in plans, oldest first. You decide whether a report can be "
        "shown, not whether it is true."
    )
    return pages.show_queue(_("Progress reports"), lead, (PROCESS,), [QueueSection(_("Open reports"), lines)])


@blueprint.route(f"/review/action-reports/{_NUMBER}", allow=Allow.MODERATOR, methods=["GET", "POST"])
def decide(number: int) -> ResponseReturnValue:
    """Decide on a report: publish it, withhold it with a reason, or answer readers' reports."""
    row = queries.get_given(db.session(), number)
    matter = DecisionMatter.TEXT if row.report.state is ReportState.WAITING else DecisionMatter.PUBLIC
    return _show(row, matter, hint=_("For the author, or for everyone who sent a report about the content."))


@blueprint.route(f"/review/action-reports/appeals/{_NUMBER}", allow=Allow.MODERATOR, methods=["GET", "POST"])
def appeal(number: int) -> ResponseReturnValue:
    """Show an appeal with the decision it is against, and answer it."""
    filed, report, against = appeals.get(db.session(), PROCESS, number)
    hint = _("Your reasons. We send them to the author.")
    row = queries.get_given(db.session(), report.id)
    return _show(row, DecisionMatter.APPEAL, hint=hint, appeal=filed, against=against)


def _show(row: queries.GivenActionReport, matter: DecisionMatter, **more: Any) -> ResponseReturnValue:
    checked = text_checks.check_texts([row.report.words, row.report.interests])
    findings = [finding.words for finding in checked.findings]
    return pages.decide(
        PROCESS,
        row.report,
        matter,
        "plans/decide_report.html",
        without=[Outcome.PUBLISH] if row.unchecked else [],
        given=row,
        findings=findings,
        rough=checked.rough,
        **more,
    )
