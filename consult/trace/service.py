"""The author's verb: take a submission back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from consult.submissions import service as submissions
from consult.submissions.model import State, Submission


def withdraw(session: Session, *, reference: str, secret: str, at: datetime | None = None) -> Submission:
    """Withdraws the submission that the author's link opens. May be repeated. Raises NotFound and MoveNotAllowed."""
    submission = submissions.by_author(session, reference=reference, secret=secret)
    if submission.state is not State.WITHDRAWN:
        submissions.withdraw(session, submission, at=at)
    return submission
