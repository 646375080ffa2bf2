"""Withdrawal and erasure of a submission by its author."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

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


def erase_by_link(session: Session, *, reference: str, secret: str, at: datetime | None = None) -> None:
    """Destroys what the author's link opens; the link opens nothing after it. Raises NotFound and MoveNotAllowed."""
    erasure.erase(session, submissions.get_by_author_link(session, reference=reference, secret=secret), at=at)
