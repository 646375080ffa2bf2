"""Queries on the results of an organisation: its published texts, their arguments, answers and changes.

They join public statements, answers and versions, and need no table of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from consult.arguments import pages as arguments
from consult.arguments.model import Argument
from consult.arguments.pages import ArgumentPlace
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.documents.model import Version
from consult.responses.model import AnswerOutcome


class AskState(StrEnum):
    """The state of an organisation's request."""

    ACCEPTED = "accepted"
    IN_PART = "in_part"
    PROMISED = "promised"  # deferred to a day in the future
    LATE = "late"  # the deferral or the promised date has passed without an answer
    NOT_ACCEPTED = "not_accepted"
    OUT_OF_SCOPE = "out_of_scope"
    UNANSWERED = "unanswered"


_ASKS = text(
    """
    WITH mine AS (
        SELECT s.id, s.consultation_id, s.text_hash, s.reference FROM readable_submission s
        WHERE s.organisation_id = :organisation AND s.state = 'published' AND s.name_rule = 'organisation'
        UNION
        SELECT s.id, s.consultation_id, s.text_hash, s.reference FROM readable_cosignature j
        JOIN readable_submission s ON s.id = j.submission_id AND s.state = 'published'
        WHERE j.organisation_id = :organisation AND j.invited_at IS NOT NULL AND j.confirmed_at IS NOT NULL
    ), said AS (
        SELECT coalesce(a.merged_into_id, a.id) AS argument, min(m.reference) AS reference,
            min(k.comment_id) AS comment
        FROM mine m JOIN readable_claim k ON k.consultation_id = m.consultation_id AND k.text_hash = m.text_hash
        JOIN readable_argument a ON a.id = k.argument_id GROUP BY 1
    )
    SELECT a.id, a.consultation_id, d.reference, d.comment, r.outcome, r.reasons, r.due_on, r.answered_at, r.version_id
    FROM said d JOIN readable_argument a ON a.id = d.argument
    LEFT JOIN LATERAL (
        SELECT r.outcome, r.reasons, r.due_on, r.answered_at, r.version_id
        FROM response r JOIN readable_argument p ON p.id = r.argument_id
        WHERE p.id = a.id OR p.merged_into_id = a.id ORDER BY p.merged_into_id NULLS FIRST, r.id LIMIT 1
    ) r ON true
    WHERE a.checked OR r.outcome IS NOT NULL
    ORDER BY a.consultation_id DESC, r.answered_at DESC NULLS LAST, a.id
    """
).bindparams(bindparam("organisation"))
"""Selects each argument with words of the organisation once, with its valid answer. Suggestions are left out."""


@dataclass(frozen=True)
class Ask:
    """An argument with words of an organisation: its part of the draft, state and resulting change."""

    argument: Argument
    spot: ArgumentPlace
    reference: str
    state: AskState
    reasons: str
    due_on: date | None
    answered_on: date | None
    version: int | None  # the version of the draft in which the text changed

    @property
    def place(self) -> str:
        """Return the name of the part of the draft, or "" for the draft as a whole."""
        return self.spot.place.name if self.spot.place else self.spot.words


@dataclass(frozen=True)
class ConsultationAsks:
    """An organisation's requests in one consultation."""

    consultation: Consultation
    asks: Sequence[Ask]


@dataclass(frozen=True)
class OutcomeSums:
    """The number of requests, by state, and of those that changed a draft."""

    asks: int = 0
    changed: int = 0
    states: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class OutcomePage:
    """All requests, newest consultation first."""

    consultations: Sequence[ConsultationAsks]

    @property
    def sums(self) -> OutcomeSums:
        asks = [ask for consultation in self.consultations for ask in consultation.asks]
        states = Counter(str(ask.state) for ask in asks)
        return OutcomeSums(len(asks), sum(ask.version is not None for ask in asks), states)


def get_page(session: Session, organisation_id: int, *, at: date | None = None) -> OutcomePage:
    """Return an organisation's requests and results, in a few statements and a few more for each consultation."""
    today = at or now().date()
    rows = session.execute(_ASKS, {"organisation": organisation_id}).all()
    by_consultation: dict[int, list[Any]] = {}
    for row in rows:
        by_consultation.setdefault(row.consultation_id, []).append(row)
    changed = [row.version_id for row in rows if row.version_id]
    versions = {one.id: one.number for one in session.scalars(select(Version).where(Version.id.in_(changed)))}
    found = []
    for number, of in by_consultation.items():
        consultation = session.get_one(Consultation, number)
        made = {one.id: one for one in session.scalars(select(Argument).where(Argument.id.in_([row.id for row in of])))}
        spots = arguments.load_places(session, consultation, {one.place for one in made.values()})
        asks = [
            _build_ask(consultation, made[row.id], spots[made[row.id].place], row, versions.get(row.version_id), today)
            for row in of
        ]
        found.append(ConsultationAsks(consultation, asks))
    return OutcomePage(found)


def _build_ask(
    consultation: Consultation, argument: Argument, spot: ArgumentPlace, row: Any, version: int | None, today: date
) -> Ask:
    state = get_state(row.outcome, row.due_on, consultation.answer_by, today)
    answered = row.answered_at.date() if row.answered_at else None
    return Ask(argument, spot, row.reference, state, row.reasons or "", row.due_on, answered, version)


def get_state(outcome: str | None, due_on: date | None, answer_by: date | None, today: date) -> AskState:
    """Return the state of a request on a date.

    >>> day = date(2027, 1, 31)
    >>> str(get_state(None, None, date(2027, 1, 1), day)), str(get_state("deferred", date(2027, 3, 1), None, day))
    ('late', 'promised')
    """
    if outcome is None:
        return AskState.LATE if answer_by is not None and answer_by < today else AskState.UNANSWERED
    if outcome == AnswerOutcome.DEFERRED:
        return AskState.LATE if due_on is not None and due_on < today else AskState.PROMISED
    return AskState(outcome)
