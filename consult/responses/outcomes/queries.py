"""What became of what an organisation said: its published words, the arguments they are in, the answers, the changes.

No table of its own: joins over statements, answers and versions, of what is public only.
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
    """Where an ask of an organisation stands."""

    ACCEPTED = "accepted"
    IN_PART = "in_part"
    PROMISED = "promised"  # put off to a day that has not passed
    LATE = "late"  # put off to a day that has passed, or unanswered since the promised day
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
"""Each argument that words of the organisation are in, once, with the answer that counts; suggestions are none."""


@dataclass(frozen=True)
class Ask:
    """One argument that an organisation's words are in: what it is, where it stands, and what it changed."""

    argument: Argument
    spot: ArgumentPlace
    reference: str
    state: AskState
    reasons: str
    due_on: date | None
    answered_on: date | None
    version: int | None  # of the draft, in which the words changed

    @property
    def place(self) -> str:
        """What the place is called; empty for the draft as a whole."""
        return self.spot.place.name if self.spot.place else self.spot.words


@dataclass(frozen=True)
class ConsultationAsks:
    """What an organisation asked in one consultation."""

    consultation: Consultation
    asks: Sequence[Ask]


@dataclass(frozen=True)
class OutcomeSums:
    """How many asks there are, where they stand, and how many changed the words of a draft."""

    asks: int = 0
    changed: int = 0
    states: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class OutcomePage:
    """All of it, the newest consultation first."""

    consultations: Sequence[ConsultationAsks]

    @property
    def sums(self) -> OutcomeSums:
        asks = [ask for one in self.consultations for ask in one.asks]
        states = Counter(str(ask.state) for ask in asks)
        return OutcomeSums(len(asks), sum(ask.version is not None for ask in asks), states)


def get_page(session: Session, organisation_id: int, *, at: date | None = None) -> OutcomePage:
    """What became of what an organisation said. A few statements, and a few more for each consultation."""
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
    """Where an ask stands on a day.

    >>> day = date(2027, 1, 31)
    >>> str(get_state(None, None, date(2027, 1, 1), day)), str(get_state("deferred", date(2027, 3, 1), None, day))
    ('late', 'promised')
    """
    if outcome is None:
        return AskState.LATE if answer_by is not None and answer_by < today else AskState.UNANSWERED
    if outcome == AnswerOutcome.DEFERRED:
        return AskState.LATE if due_on is not None and due_on < today else AskState.PROMISED
    return AskState(outcome)
