"""Totals of feedback. Only remarks are shown one by one, to the owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from consult.core.crypto import unseal
from consult.responses.evaluation.model import CANNOT_SAY, QUESTIONS, SCALE, Evaluation
from consult.responses.evaluation.service import get_opening

LEAST = 10
"""Minimum number of participants for publishing their answers."""
_REMARKS = 1_000
_COUNTS = text(
    """
    SELECT asked.name, asked.value, count(*) FROM evaluation e CROSS JOIN LATERAL (
        VALUES ('clear', e.clear), ('said', e.said), ('seen', e.seen), ('time', e.time), ('again', e.again)
    ) AS asked (name, value)
    WHERE e.consultation_id = :consultation AND asked.value IS NOT NULL GROUP BY 1, 2
    """
)


@dataclass(frozen=True)
class EvaluationSums:
    """The answers to one question, counted by value."""

    name: str
    counts: Mapping[int, int]

    @property
    def n(self) -> int:
        """Return the number of answers on the scale."""
        return sum(self.counts.get(value, 0) for value in SCALE)

    @property
    def cannot_say(self) -> int:
        return self.counts.get(CANNOT_SAY, 0)

    @property
    def agreeing(self) -> int:
        """Return the number of answers with one of the two highest values."""
        return self.counts.get(4, 0) + self.counts.get(5, 0)

    @property
    def shown(self) -> bool:
        return self.n >= LEAST


@dataclass(frozen=True)
class EvaluationResult:
    """The totals of a consultation. Empty with fewer than `LEAST` participants."""

    since: datetime | None = None  # when participants were asked, or None
    n: int = 0
    questions: Sequence[EvaluationSums] = field(default_factory=tuple)

    @property
    def shown(self) -> bool:
        return self.n >= LEAST


def get_result(session: Session, consultation_id: int) -> EvaluationResult:
    """Return the totals of a consultation, in three statements, or one if nobody was asked yet."""
    since = get_opening(session, consultation_id)
    if since is None:
        return EvaluationResult()
    here = Evaluation.consultation_id == consultation_id
    n = session.scalar(select(func.count()).select_from(Evaluation).where(here)) or 0
    if n < LEAST:
        return EvaluationResult(since, n)
    counts: dict[str, dict[int, int]] = {name: {} for name in QUESTIONS}
    for name, value, times in session.execute(_COUNTS, {"consultation": consultation_id}):
        counts[name][value] = times
    return EvaluationResult(since, n, [EvaluationSums(name, counts[name]) for name in QUESTIONS])


def build_rows(result: EvaluationResult) -> Iterator[Sequence[object]]:
    """Yield the totals as rows. Questions with fewer than ten answers have no numbers."""
    yield ("question", "answered", "cannot_say", *(f"chose_{value}" for value in SCALE), "participants")
    for question in result.questions:
        chosen = [question.counts.get(value, 0) for value in SCALE] if question.shown else [""] * len(SCALE)
        told = (question.n, question.cannot_say) if question.shown else ("", "")
        yield (question.name, *told, *chosen, result.n)


def list_remarks(session: Session, consultation_id: int) -> Sequence[str]:
    """Return the remarks for the owner in alphabetical order, which reveals neither author nor time."""
    sealed = session.scalars(
        select(Evaluation.remark_sealed)
        .where(Evaluation.consultation_id == consultation_id, Evaluation.remark_sealed.is_not(None))
        .order_by(Evaluation.author)
        .limit(_REMARKS)
    ).all()
    return sorted(unseal(one) for one in sealed if one)
