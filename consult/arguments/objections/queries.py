"""Reads of objections: of a submission for its author, open ones for those who work on arguments, and their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from consult.arguments import queries
from consult.arguments.model import Argument
from consult.arguments.objections.model import ArgumentObjection, ObjectionOutcome
from consult.arguments.queries import StatementQuote
from consult.submissions.model import State, Submission


@dataclass(frozen=True)
class PlacedStatement:
    """A statement of a submission, the argument that it is in, and what its author said of where it was put."""

    quote: StatementQuote
    argument: Argument | None
    objection: ArgumentObjection | None

    @property
    def can_object(self) -> bool:
        """Once in each argument, and while nobody looks at it."""
        if self.argument is None:
            return False
        made = self.objection
        return made is None or (made.outcome is not None and made.argument_id != self.argument.id)


@dataclass(frozen=True)
class ObjectionCounts:
    """How many statements their authors said are not their point, and what became of that."""

    said: int = 0
    moved: int = 0  # to another argument, or out of any
    left: int = 0


def list_placed(session: Session, submission: Submission) -> Sequence[PlacedStatement]:
    """Where the words of a published submission were put, and what its author said of that. Two statements.

    Its statements are those of its text, which others may have sent too; an objection is its own.
    """
    if submission.state is not State.PUBLISHED or submission.text_hash is None:
        return ()
    said = {row.claim_id: row for row in list_by_submission(session, submission.id)}
    placed = queries.list_by_text(session, submission.consultation_id, bytes(submission.text_hash))
    return [
        PlacedStatement(quote, argument, said.get(quote.id))
        for quote, argument in placed
        if argument is not None or quote.id in said
    ]


def list_by_submission(session: Session, submission_id: int) -> Sequence[ArgumentObjection]:
    """All that the author of a submission objected to, the oldest first."""
    its = select(ArgumentObjection).where(ArgumentObjection.submission_id == submission_id)
    return session.scalars(its.order_by(ArgumentObjection.id)).all()


def is_open(consultation_id: int) -> ColumnElement[bool]:
    """Whether an objection waits for somebody to look at it; what is no longer said does not."""
    return (
        (ArgumentObjection.consultation_id == consultation_id)
        & ArgumentObjection.outcome.is_(None)
        & ArgumentObjection.claim_id.is_not(None)
    )


def count_open(session: Session, consultation_id: int) -> int:
    """How many wait for somebody to look at them."""
    query = select(func.count()).select_from(ArgumentObjection).where(is_open(consultation_id))
    return session.scalar(query) or 0


def count_outcomes(session: Session, consultation_id: int) -> ObjectionCounts:
    """What became of all objections of a consultation: a statement counts once, whoever sent it. One statement."""
    outcome = ArgumentObjection.outcome
    moved = outcome.in_((ObjectionOutcome.MOVED, ObjectionOutcome.TAKEN_OUT))
    one = func.coalesce(ArgumentObjection.claim_id, -ArgumentObjection.id)  # of one that is said no more nobody knows
    n = func.count(func.distinct(tuple_(one, ArgumentObjection.argument_id)))
    row = session.execute(
        select(n, n.filter(moved), n.filter(outcome == ObjectionOutcome.LEFT)).where(
            ArgumentObjection.consultation_id == consultation_id
        )
    ).one()
    return ObjectionCounts(*row)
