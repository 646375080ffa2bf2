"""The verbs of a stored file: take it in, and destroy it. Looking at it is `checking`'s."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.queue import named, nudge
from consult.core.text import one_line
from consult.files import store
from consult.files.kinds import KINDS, Unacceptable, kind_of
from consult.files.model import State, StoredFile
from consult.files.reasons import REASONS

_MOST_ERASED = 200


class FileRefused(Refusal):
    """The file is not taken; the message says why and what to do. `code` is a key of REASONS."""

    def __init__(self, code: str) -> None:
        super().__init__(str(REASONS[code]), field="file")
        self.code = code


def receive(session: Session, *, data: bytes, name: str, nameless: bool = False) -> StoredFile:
    """Keeps a file and asks for its checks. What its first bytes tell is refused at once.

    Of a `nameless` one neither its name is kept, nor what was sent once there is a cleaned copy of it.
    Raises FileRefused, and StoreAway where there is nowhere to keep it.
    """
    name = one_line(name.replace("\\", "/").rpartition("/")[2])[-120:]
    try:
        kind = kind_of(data, name)
    except Unacceptable as refusal:
        raise FileRefused(refusal.code) from refusal
    if nameless:
        name = f"{secrets.token_hex(2)}.{KINDS[kind].ending}"
    row = StoredFile(
        folder=secrets.token_hex(16), salt=secrets.token_bytes(32), name=name, nameless=nameless, kind=kind,
        size=len(data), sha256=hashlib.sha256(data).digest(), created_at=now(), due_at=now(), state=State.WAITING,
    )  # fmt: skip
    store.put(row.original, data, row.salt or b"")
    session.add(row)
    session.flush()
    nudge(session, named("files.check"), row.id)
    return row


def erase(session: Session, file_ids: Collection[int]) -> None:
    """Destroys files for good: without their salt the bytes cannot be read, wherever copies of them lie.

    The store is told at once if it answers, else by the clock.
    """
    if not file_ids:
        return
    session.execute(
        update(StoredFile)
        .where(StoredFile.id.in_(file_ids))
        .values(salt=None, name="", text="", sha256=None, removed=[], due_at=now(), checked_at=now())
    )
    nudge(session, named("files.shred"))


def shred(session: Session) -> int:
    """Lets the store forget what was erased, and forgets the rows; gives how many. Raises StoreAway."""
    erased = session.scalars(
        select(StoredFile).where(StoredFile.salt.is_(None)).limit(_MOST_ERASED).with_for_update(skip_locked=True)
    ).all()
    for row in erased:
        store.delete(row.everything)
        session.delete(row)
    session.flush()
    return len(erased)


def due(session: Session, *, older_than: timedelta = timedelta()) -> list[int]:
    """Files that wait for their checks, and nobody has at hand; the longest waiting first."""
    found = session.scalars(
        select(StoredFile.id)
        .where(StoredFile.due_at < now() - older_than, StoredFile.salt.is_not(None))
        .order_by(StoredFile.due_at)
        .limit(100)
    )
    return list(found)
