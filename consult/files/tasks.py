"""Files are checked by the workers of the queue `files`; the clock finds what the broker lost."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.core.queue import publish, task
from consult.files import checking, service

_UNTAKEN = timedelta(seconds=45)
_AT_ONCE = 3
"""How many files the clock looks at by itself in one sweep: it has other chores."""


@task("files.check", limited=False)  # what it takes counts its own attempts
def check(_session: Session, file_id: int) -> None:
    checking.check(int(file_id))


@task("files.shred")
def shred(session: Session) -> None:
    service.shred(session)


@every(seconds=30)
def sweep(session: Session) -> None:
    """Asks the workers again for what waits, and looks by itself at what nobody takes."""
    waiting = service.due(session)
    late = service.due(session, older_than=_UNTAKEN)
    session.rollback()  # holds no snapshot while files are looked at
    asked = [publish(check, file_id) for file_id in waiting]
    for file_id in (late if all(asked) else waiting)[:_AT_ONCE]:
        checking.check(file_id)


@every(seconds=60)
def forget(session: Session) -> None:
    service.shred(session)
