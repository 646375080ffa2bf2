"""Stored files that belong to a statement, numbered by position: reading, repeated checks and erasure.

The table of each kind of statement has `AttachmentColumns`, whose foreign key claims the file, and adds the statement's
id.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, ForeignKey, Select, delete, select, update
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from consult.core.clock import now
from consult.core.db import BigInt
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.queue import find_task, nudge
from consult.files import service
from consult.files.model import State, StoredFile

WAITING_STATES = (State.WAITING, State.HELD)
"""Of files that nobody is shown yet."""


class AttachmentColumns:
    """A file of a report, by position. Without `file_id` the file was destroyed, and its row remains."""

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    file_id: Mapped[BigInt | None] = mapped_column(ForeignKey("stored_file.id"), unique=True)


Attachment = TypeVar("Attachment", bound=AttachmentColumns)


def select_attached(table: type[Attachment], *where: ColumnElement[bool]) -> Select[Attachment, StoredFile | None]:
    """Select attachments with their files, without extracted text. A destroyed file is None."""
    return (
        select(table, StoredFile)
        .outerjoin(StoredFile, StoredFile.id == table.file_id)
        .where(*where)
        .options(defer(StoredFile.text))
    )


def lock_attached(
    session: Session, table: type[Attachment], *where: ColumnElement[bool]
) -> tuple[Attachment, StoredFile]:
    """Return an attachment, locked, with its file. Raises NotFound."""
    row = session.execute(select_attached(table, *where).with_for_update(of=table)).first()
    if row is None or row[1] is None or row[1].salt is None:
        raise NotFound(_("We cannot find this file."))
    return row[0], row[1]


def get_file(session: Session, table: type[Attachment], *where: ColumnElement[bool]) -> StoredFile:
    """Return the file of an attachment, without its text. Raises NotFound."""
    row = session.execute(select_attached(table, *where)).first()
    if row is None or row[1] is None or row[1].salt is None:
        raise NotFound(_("We cannot find this file."))
    return row[1]


def erase(session: Session, table: Any, *where: ColumnElement[bool]) -> None:
    """Delete attachments and destroy their files. May be repeated."""
    file_ids = session.scalars(delete(table).where(*where).returning(table.file_id)).all()
    service.erase(session, [file_id for file_id in file_ids if file_id is not None])


def check_again(session: Session, file_ids: Collection[int | None]) -> int:
    """Check waiting files now instead of at their next attempt, and return their number."""
    waiting = session.scalars(
        update(StoredFile)
        .where(StoredFile.id.in_(file_ids), StoredFile.state.in_(WAITING_STATES), StoredFile.salt.is_not(None))
        .values(due_at=now())
        .returning(StoredFile.id)
    ).all()
    for file_id in waiting:
        nudge(session, find_task("files.check"), file_id)
    return len(waiting)
