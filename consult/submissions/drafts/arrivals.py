"""Arrivals: the page on which an author began to write, passed to listeners when the submission is filed."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from consult.submissions.model import Submission

ArrivalListener = Callable[[Session, Submission, str], None]
_LISTENERS: list[ArrivalListener] = []


def on_arrival(listener: ArrivalListener) -> ArrivalListener:
    """Register a function that is called in the filing transaction with the page's mark."""
    _LISTENERS.append(listener)
    return listener


def tell(session: Session, submission: Submission, mark: str) -> None:
    """Notify the listeners of a filed submission and the mark of its first page, if any."""
    for listener in _LISTENERS if mark else ():
        listener(session, submission, mark)
