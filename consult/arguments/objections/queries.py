"""Queries for objections: those of a submission for its author, open ones for staff, and counts."""

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
    """A statement of a submission with its argument and the author's objection."""

    quote: StatementQuote
    argument: Argument | None
    objection: ArgumentObjection | None

    @property
    def can_object(self) -> bool:
        """Return True if the author can object: once in each argument, and not while an objection is open."""
        if self.argument is None:
            return False
        made = self.objection
        return made is None or (made.outcome is not None and made.argument_id != self.argument.id)


@dataclass(frozen=True)
class ObjectionCounts:
    """The number of statements with objections, and of each outcome."""

    said: int = 0
    moved: int = 0  # moved to another argument or removed
    left: int = 0


def list_placed(session: Session, submission: Submission) -> Sequence[PlacedStatement]:
    """Return the statements of a published submission with their arguments and objections. Uses two queries.

    Statements belong to the text, which others may have sent too; an objection belongs to the submission.
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
    """Return all objections of a submission, oldest first."""
    its = select(ArgumentObjection).where(ArgumentObjection.submission_id == submission_id)
    return session.scalars(its.order_by(ArgumentObjection.id)).all()


def is_open(consultation_id: int) -> ColumnElement[bool]:
    """Return a condition for open objections whose statement still exists."""
    return (
        (ArgumentObjection.consultation_id == consultation_id)
        & ArgumentObjection.outcome.is_(None)
        & ArgumentObjection.claim_id.is_not(None)
    )


def count_open(session: Session, consultation_id: int) -> int:
    """Return the number of open objections."""
    query = select(func.count()).select_from(ArgumentObjection).where(is_open(consultation_id))
    return session.scalar(query) or 0


def count_outcomes(session: Session, consultation_id: int) -> ObjectionCounts:
    """Count the objections of a consultation by outcome, with one query. Each statement counts once."""
    outcome = ArgumentObjection.outcome
    moved = outcome.in_((ObjectionOutcome.MOVED, ObjectionOutcome.TAKEN_OUT))
    # The claim is unknown once its statement is deleted.
    one = func.coalesce(ArgumentObjection.claim_id, -ArgumentObjection.id)
    n = func.count(func.distinct(tuple_(one, ArgumentObjection.argument_id)))
    row = session.execute(
        select(n, n.filter(moved), n.filter(outcome == ObjectionOutcome.LEFT)).where(
            ArgumentObjection.consultation_id == consultation_id
        )
    ).one()
    return ObjectionCounts(*row)
