"""Content that this package adds elsewhere: due reports in the workspace, and plans as a system to switch off."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.bodies import members, merge
from consult.bodies.model import BodyRole
from consult.core import slots
from consult.core.i18n import N_, ngettext
from consult.core.web import systems
from consult.core.web.systems import Duty, System
from consult.decisions import reports
from consult.digests.content.slots import REVIEWED, DeskDue
from consult.plans import body_merge, labels, queries, reviews
from consult.plans.levels import country_section
from consult.plans.model import ActionReport, ReportState
from consult.plans.movement import lines
from consult.plans.queries import DueReport
from consult.plans.reports.process import PROCESS


def _list_duties(session: Session) -> Sequence[Duty]:
    """Return the reports, appeals and reported statements that wait for a moderator, with two counts."""
    waiting = session.scalar(select(func.count()).where(ActionReport.state == ReportState.WAITING)) or 0
    waiting += reports.count_waiting(session, PROCESS)
    words = ngettext("%(num)s progress report waiting", "%(num)s progress reports waiting", waiting)
    return [Duty(words, "action_report_review.review")] if waiting else []


_SYSTEM = System(
    "plans",
    N_("Plans"),
    N_("Action plans, progress reports by governments and organisations, and indicators."),
    N_("This site does not use action plans."),
    _list_duties,
)


def _list_due(session: Session, given: DeskDue) -> Sequence[DueReport]:
    roles = members.list_roles(session, given.account)
    writes = [body.id for body, role in roles if role is not BodyRole.READER]
    return queries.list_due_reports(session, given.account, writes, given.at.date())


def init_app(app: Flask) -> None:
    merge.MERGED["plans"] = body_merge.move
    labels.init_app(app)
    lines.init_app(app)
    country_section.register()
    REVIEWED["plans"] = reviews.find_reviewed
    systems.declare(app, _SYSTEM)


def fill_desk(app: Flask) -> None:
    """Add due reports to the workspace, below earlier content. The caller determines the order."""
    slots.fill(app, DeskDue, _list_due, "plans/desk_due.html")
