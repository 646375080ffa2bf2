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
    """Withdraw the submission of a private link. Safe to repeat. Raises NotFound and TransitionNotAllowed."""
    submission = submissions.get_by_author_link(session, reference=reference, secret=secret)
    withdraw_submission(session, submission, at=at)
    return submission


def withdraw_submission(session: Session, submission: Submission, *, at: datetime | None = None) -> None:
    """Withdraw a submission for its proven author. Safe to repeat."""
    if submission.state is not State.WITHDRAWN:
        submissions.withdraw(session, submission, at=at)


def object_to_argument(session: Session, submission: Submission, *, statement: str, words: str) -> None:
    """Record the proven author's objection to the argument of a statement. Safe to repeat.

    Raises NotFound, Refusal.
    """
    objections.file(session, submission, claim_id=read_number(statement) or 0, words=words)


def erase_by_link(session: Session, *, reference: str, secret: str, at: datetime | None = None) -> None:
    """Erase the submission of a private link, which then stops working. Raises NotFound and TransitionNotAllowed."""
    erasure.erase(session, submissions.get_by_author_link(session, reference=reference, secret=secret), at=at)
