"""Withdrawal and erasure of a submission by its author."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from consult.arguments.objections import service as objections
from consult.core.text import read_number
from consult.submissions import service as submissions
from consult.submissions.model import State, Submission
from consult.trace import erasure


def withdraw_by_link(session: Session, *, reference: str, secret: str, at: datetime | None = None) -> Submission:
    """Withdraws the submission that the author's link opens. May be repeated. Raises NotFound and MoveNotAllowed."""
    submission = submissions.get_by_author_link(session, reference=reference, secret=secret)
    withdraw_submission(session, submission, at=at)
    return submission


def withdraw_submission(session: Session, submission: Submission, *, at: datetime | None = None) -> None:
    """Withdraws a submission for its proven author. May be repeated."""
    if submission.state is not State.WITHDRAWN:
        submissions.withdraw(session, submission, at=at)


def object_to_argument(session: Session, submission: Submission, *, statement: str, words: str) -> None:
    """The proven author says that one of their statements does not make its argument's point. May be repeated.

    Raises NotFound, Refusal.
    """
    objections.file(session, submission, claim_id=read_number(statement) or 0, words=words)


def erase_by_link(session: Session, *, reference: str, secret: str, at: datetime | None = None) -> None:
    """Destroys what the author's link opens; the link opens nothing after it. Raises NotFound and MoveNotAllowed."""
    erasure.erase(session, submissions.get_by_author_link(session, reference=reference, secret=secret), at=at)
