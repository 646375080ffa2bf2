"""The author's verb: take a submission back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from consult.submissions import service as submissions
from consult.submissions.model import State, Submission


def withdraw(session: Session, *, reference: str, secret: str, at: datetime | None = None) -> Submission:
    """Withdraws the submission that the author's link opens. May be repeated. Raises NotFound and MoveNotAllowed."""
    submission = submissions.by_author(session, reference=reference, secret=secret)
    take_back(session, submission, at=at)
    return submission


def take_back(session: Session, submission: Submission, *, at: datetime | None = None) -> None:
    """Withdraws a submission for whoever has shown to be its author. May be repeated."""
    if submission.state is not State.WITHDRAWN:
        submissions.withdraw(session, submission, at=at)


def erase(session: Session, *, reference: str, secret: str, at: datetime | None = None) -> None:
    """Destroys what the author's link opens; the link opens nothing after it. Raises NotFound and MoveNotAllowed."""
    submissions.erase(session, submissions.by_author(session, reference=reference, secret=secret), at=at)
