"""Services for stored files: receive and erase. `inspection` checks them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.queue import find_task, nudge
from consult.core.text import one_line
from consult.files import store
from consult.files.kinds import KINDS, UnacceptableFile, detect_kind
from consult.files.model import State, StoredFile
from consult.files.reasons import REASONS

_MOST_ERASED = 200
_LONGEST_WAIT = timedelta(days=1)
"""Longer than any pause before a file is checked again."""


class FileRefused(Refusal):
    """The file is not accepted. The message gives the reason and advice. `code` is a key of REASONS."""

    def __init__(self, code: str) -> None:
        super().__init__(str(REASONS[code]), field="file")
        self.code = code


def receive(session: Session, *, data: bytes, name: str, nameless: bool = False) -> StoredFile:
    """Store an upload and queue its checks. Files excluded by their first bytes are refused immediately.

    Of a `nameless` file, the name is not stored, and the upload only until it has a cleaned copy. Raises FileRefused
    and StoreAway.
    """
    name = one_line(name.replace("\\", "/").rpartition("/")[2])[-120:]
    try:
        kind = detect_kind(data, name)
    except UnacceptableFile as refusal:
        raise FileRefused(refusal.code) from refusal
    if nameless:
        name = f"{secrets.token_hex(2)}.{KINDS[kind].ending}"
    row = StoredFile(
        folder=secrets.token_hex(16),
        salt=secrets.token_bytes(32),
        name=name,
        nameless=nameless,
        kind=kind,
        size=len(data),
        sha256=hashlib.sha256(data).digest(),
        created_at=now(),
        due_at=now(),
        state=State.WAITING,
    )
    store.put(row.original, data, row.salt or b"")
    session.add(row)
    session.flush()
    nudge(session, find_task("files.check"), row.id)
    return row


def erase(session: Session, file_ids: Collection[int]) -> None:
    """Erase files permanently: without their salt, all copies of the bytes are unreadable.

    The bytes are deleted from the store by a task or, if that fails, by the scheduler.
    """
    if not file_ids:
        return
    session.execute(
        update(StoredFile)
        .where(StoredFile.id.in_(file_ids))
        .values(
            salt=None,
            name="",
            text="",
            outline=[],
            page_starts=None,
            sha256=None,
            removed=[],
            due_at=now(),
            checked_at=now(),
        )
    )
    nudge(session, find_task("files.shred"))


def shred(session: Session) -> int:
    """Delete erased files from the store, then their rows, and return their number. Raises StoreAway."""
    erased = session.scalars(
        select(StoredFile).where(StoredFile.salt.is_(None)).limit(_MOST_ERASED).with_for_update(skip_locked=True)
    ).all()
    for row in erased:
        store.delete(row.everything)
        session.delete(row)
    session.flush()
    return len(erased)


def list_due(session: Session, *, older_than: timedelta = timedelta()) -> list[int]:
    """Return the IDs of files that wait for checks without a lease, longest waiting first."""
    file_ids = session.scalars(
        select(StoredFile.id)
        .where(StoredFile.due_at < now() - older_than, StoredFile.salt.is_not(None))
        .order_by(StoredFile.due_at)
        .limit(100)
    )
    return list(file_ids)


def bring_forward(session: Session, *, at: datetime) -> int:
    """Reset due times that a wrong clock set too far in the future, and return the number of files."""
    late = update(StoredFile).where(StoredFile.due_at > at + _LONGEST_WAIT).values(due_at=at)
    return len(session.scalars(late.returning(StoredFile.id)).all())
