"""Sample events outside consultations: calls, case studies, a plan, early warning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain

from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.cli.sample import advocacy, case_studies, plans, signals
from consult.cli.sample.world import recommendations
from consult.consultations.model import Consultation
from consult.core.web.access import Role


def room_events(
    session: Session,
    people: Mapping[str, Account],
    speakers: Mapping[str, Account],
    organisations: Mapping[str, Organisation],
    consultations: Mapping[str, Consultation],
    find_people: Callable[[Role], Sequence[Account]],
    now: datetime,
) -> Iterator[tuple[datetime, Callable[[], object]]]:
    """Return the events with their times, in no order."""
    lead, moderator = find_people(Role.POLICYMAKER)[0], find_people(Role.MODERATOR)[0]
    return chain(
        advocacy.call_events(session, consultations, organisations, now),
        case_studies.case_study_events(session, now, find_people, speakers, organisations),
        plans.plan_events(session, organisations, now, lead, moderator),
        recommendations.recommendation_events(session, now, lead),
        signals.signal_events(session, people, organisations, consultations, now),
    )
