"""Subjects of public events: the title and page of each consultation, signal, case study, plan and action."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from consult.case_studies.model import CaseStudy
from consult.consultations.followers.feeds import find_event_page
from consult.consultations.model import Consultation
from consult.core.i18n import current_language
from consult.core.web.addresses import public_url
from consult.core.web.systems import is_on
from consult.ledger.model import Kind
from consult.plans.model import ActionPlan, PlanAction
from consult.signals import queries as signals
from consult.signals.model import PUBLIC_STATES, Signal


@dataclass(frozen=True)
class Subject:
    """What an event is about. `title` is in `language`."""

    title: str
    page: str
    language: str


Subjects = Mapping[tuple[str, int], Subject]


def find_subjects(session: Session, events: Sequence[Row[Any]]) -> Subjects:
    """Return the subjects of events by topic and ID. One statement for each topic that occurs."""
    ids: dict[str, set[int]] = {}
    for event in events:
        topic = event.kind.partition(".")[0]
        if topic in _FINDERS and is_on(_PACKAGES.get(topic, topic)):
            ids.setdefault(topic, set()).add(event.subject_id)
        if event.consultation_id:
            ids.setdefault("consultation", set()).add(event.consultation_id)
    return {
        (topic, number): subject
        for topic, wanted in ids.items()
        for number, subject in _FINDERS[topic](session, wanted)
    }


def choose_subject(subjects: Subjects, event: Row[Any]) -> Subject | None:
    """Return what an event is about: its own subject, else its consultation."""
    own = subjects.get((event.kind.partition(".")[0], event.subject_id))
    asked = subjects.get(("consultation", event.consultation_id or 0))
    if event.consultation and asked and event.kind.partition(".")[0] not in _OWN_PAGES:
        return Subject(asked.title, find_event_page(Kind(event.kind), event.consultation), asked.language)
    return own or asked


def _find_consultations(session: Session, ids: set[int]) -> Iterable[tuple[int, Subject]]:
    for row in session.execute(
        select(Consultation.id, Consultation.title, Consultation.slug, Consultation.language).where(
            Consultation.id.in_(ids)
        )
    ):
        yield row.id, Subject(row.title, public_url("site.consultation", slug=row.slug), row.language)


def _find_signals(session: Session, ids: set[int]) -> Iterable[tuple[int, Subject]]:
    rows = session.scalars(select(Signal).where(Signal.id.in_(ids), Signal.state.in_(PUBLIC_STATES))).all()
    titles, language = signals.name_signals(session, rows, current_language()), current_language()
    return [(row.id, Subject(titles[row.id], public_url("signals.one", slug=row.slug), language)) for row in rows]


def _find_case_studies(session: Session, ids: set[int]) -> Iterable[tuple[int, Subject]]:
    rows = session.execute(
        select(CaseStudy.id, CaseStudy.title, CaseStudy.slug, CaseStudy.language).where(
            CaseStudy.id.in_(ids), CaseStudy.slug.is_not(None)
        )
    )
    return [(row.id, Subject(row.title, public_url("case_studies.one", slug=row.slug), row.language)) for row in rows]


def _find_plans(session: Session, ids: set[int]) -> Iterable[tuple[int, Subject]]:
    rows = session.execute(
        select(ActionPlan.id, ActionPlan.title, ActionPlan.slug, ActionPlan.language).where(
            ActionPlan.id.in_(ids), ActionPlan.published_at.is_not(None)
        )
    )
    return [(row.id, Subject(row.title, public_url("plans.plan", slug=row.slug), row.language)) for row in rows]


def _find_actions(session: Session, ids: set[int]) -> Iterable[tuple[int, Subject]]:
    rows = session.execute(select(PlanAction.id, PlanAction.title, PlanAction.language).where(PlanAction.id.in_(ids)))
    return [(row.id, Subject(row.title, public_url("plans.action", number=row.id), row.language)) for row in rows]


_FINDERS = {
    "consultation": _find_consultations,
    "signal": _find_signals,
    "case_study": _find_case_studies,
    "plan": _find_plans,
    "action": _find_actions,
}
_PACKAGES = {"signal": "signals", "case_study": "case_studies", "plan": "plans", "action": "plans"}
_OWN_PAGES = frozenset(_FINDERS) - {"consultation"}
