"""Tasks that read uploaded drafts in the queue `files`. The scheduler finds those that no worker takes."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from consult.consultations.imports import service
from consult.core.clock import every, now
from consult.core.queue import publish, task

_UNTAKEN = timedelta(seconds=30)


@task("files.read_draft", limited=False)  # each file counts its own attempts
def read_draft(_session: Session, import_id: int) -> None:
    service.read(int(import_id))


@every(seconds=10)
def sweep(session: Session) -> None:
    """Queue waiting files again, and read one here if no worker takes it."""
    waiting = service.list_due(session, at=now())
    late = service.list_due(session, at=now(), older_than=_UNTAKEN)
    session.rollback()  # no snapshot is held while a file is read
    asked = [publish(read_draft, import_id) for import_id in waiting]
    for import_id in (late if all(asked) else waiting)[:1]:
        service.read(import_id)


@every(seconds=3600)
def forget_imports(session: Session) -> None:
    service.purge(session, at=now())
