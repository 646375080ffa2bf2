"""Case studies as a system that the operator can switch off."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from consult.case_studies import queries
from consult.case_studies.review.process import PROCESS, USE_PROCESS
from consult.core.i18n import N_, ngettext
from consult.core.web.systems import Duty, System
from consult.decisions import reports


def count_waiting(session: Session) -> int:
    """Return the number of case studies, reports of use and appeals that wait for a moderator. Uses two queries."""
    return queries.count_waiting(session) + reports.count_waiting(session, PROCESS, USE_PROCESS)


def _list_duties(session: Session) -> Sequence[Duty]:
    waiting = count_waiting(session)
    words = ngettext("%(num)s case study waiting", "%(num)s case studies waiting", waiting)
    return [Duty(words, "case_study_review.waiting")] if waiting else []


SYSTEM = System(
    "case_studies",
    N_("Case studies"),
    N_("Descriptions of practices with their results, sources and independent reviews."),
    N_("This site does not use case studies."),
    _list_duties,
)
