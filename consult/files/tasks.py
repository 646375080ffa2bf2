"""Background checks of files in the queue `files`. The scheduler finds those that the broker lost."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.core.queue import publish, task
from consult.files import claims, inspection, service

_UNTAKEN = timedelta(seconds=45)
_AT_ONCE = 3
"""The number of files that the scheduler checks itself in one sweep, so that other jobs can run."""


@task("files.check", limited=False)  # files count their own attempts
def check(_session: Session, file_id: int) -> None:
    inspection.check_file(int(file_id))


@task("files.shred")
def shred(session: Session) -> None:
    service.shred(session)


@every(seconds=30, timeless=True)
def sweep(session: Session) -> None:
    """Queue waiting files again, and check those that no worker takes."""
    waiting = service.list_due(session)
    late = service.list_due(session, older_than=_UNTAKEN)
    session.rollback()  # no snapshot is held while files are checked
    asked = [publish(check, file_id) for file_id in waiting]
    for file_id in (late if all(asked) else waiting)[:_AT_ONCE]:
        inspection.check_file(file_id)


@every(seconds=60, timeless=True)
def forget(session: Session) -> None:
    service.shred(session)


@every(seconds=1800)
def erase_unclaimed(session: Session) -> None:
    claims.erase_unclaimed(session)
