"""By what page somebody came to write: told to whoever counts that, when the words are filed."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from consult.submissions.model import Submission

ArrivalListener = Callable[[Session, Submission, str], None]
_LISTENERS: list[ArrivalListener] = []


def on_arrival(listener: ArrivalListener) -> ArrivalListener:
    """Registers what is called, in the transaction that files, with the mark that the page left."""
    _LISTENERS.append(listener)
    return listener


def tell(session: Session, submission: Submission, mark: str) -> None:
    """Tells that a submission was begun on the page that left this mark; nothing where none did."""
    for listener in _LISTENERS if mark else ():
        listener(session, submission, mark)
