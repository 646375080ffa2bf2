"""The moves of a letter between states: claim, start, end, postpone, release. Each is one statement and saved at once.

A claim is a lease: its end (`next_at`) is also the proof that it is still held, for whoever claims an expired one
sets another end.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from consult.core.crypto import Unreadable, pseudonym, unseal
from consult.core.db import db
from consult.mail.message import Attachment, Mould, mould
from consult.mail.model import CUT_AFTER_END, State
from consult.mail.rendering import Words

_CLAIM = text(
    """
    UPDATE letter SET state = 'sending', next_at = :held WHERE id IN (
        SELECT id FROM letter WHERE state IN ('pending', 'sending', 'uncertain') AND next_at <= :due
        ORDER BY next_at, id LIMIT :most FOR UPDATE SKIP LOCKED
    )
    RETURNING id, content_id, to_sealed, to_index, fields_sealed, headers, message_id, attempts, reason, created_at
    """
)
_START = text(
    """
    UPDATE letter SET attempts = attempts + 1, next_at = :lease
    WHERE id = :id AND state = 'sending' AND next_at = :held
    """
)
_END = text(
    """
    UPDATE letter SET state = :state, reason = :reason, sent_at = :sent_at, to_sealed = NULL, fields_sealed = NULL
    WHERE id = :id AND state = 'sending'
    """
)
_END_WITH_CONTENT = text(
    """
    WITH gone AS (DELETE FROM letter_content WHERE id = :content_id AND NOT shared)
    UPDATE letter SET state = :state, reason = :reason, sent_at = :sent_at, to_sealed = NULL, fields_sealed = NULL,
        content_id = NULL
    WHERE id = :id AND state = 'sending'
    """
)
_POSTPONE = text(
    "UPDATE letter SET state = :state, reason = :reason, next_at = :at WHERE id = :id AND state = 'sending'"
)
_RELEASE = text(
    """
    UPDATE letter SET state = CASE WHEN reason = :uncertain THEN 'uncertain' ELSE 'pending' END, next_at = :at
    WHERE id = ANY(:ids) AND state = 'sending' AND next_at = :held
    """
)
_CONTENTS = text("SELECT id, key, sealed, shared, attached FROM letter_content WHERE id = ANY(:ids)")
_SUPPRESSED = text("SELECT index, reason FROM mail_suppression WHERE index = ANY(:indexes)")
_SUPPRESS = text(
    "INSERT INTO mail_suppression (index, reason, at) VALUES (:index, :reason, :at) ON CONFLICT (index) DO NOTHING"
)
_WAITING = text("SET synchronous_commit = on")
_NOT_WAITING = text("SET synchronous_commit = off")
_WRITING = text("SET default_transaction_read_only = off")
_READING = text("SET default_transaction_read_only = on")
_moulds: dict[int, Said] = {}
_MOST_MOULDS = 16


@dataclass(frozen=True)
class Said:
    """What letters say, ready to be poured."""

    mould: Mould
    shared: bool


@dataclass(frozen=True)
class Claimed:
    """A letter this worker holds until `held`."""

    id: int
    content_id: int | None
    to: str | None
    to_index: bytes
    fields: dict[str, str]
    headers: dict[str, str]
    message_id: str
    attempts: int
    reason: str | None
    created_at: datetime
    held: datetime

    @property
    def uncertain(self) -> bool:
        """Whether it may have arrived already."""
        return self.reason == CUT_AFTER_END


@contextmanager
def opened() -> Iterator[Connection]:
    """A connection on which every statement is saved at once, without waiting for the disk.

    Nothing is lost when this process is killed. When the database itself crashes, the marks of the last half second
    may be gone: those letters go out again, with the same Message-ID. `on_disk` bounds how many.
    """
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(_WRITING)
        connection.execute(_NOT_WAITING)
        try:
            yield connection
        finally:
            connection.execute(_WAITING)
            connection.execute(_READING)


@contextmanager
def on_disk(connection: Connection) -> Iterator[None]:
    """What is saved in here waits for the disk, and takes along everything saved before it."""
    connection.execute(_WAITING)
    try:
        yield
    finally:
        connection.execute(_NOT_WAITING)


def claim(connection: Connection, *, due: datetime, held: datetime, most: int) -> list[Claimed]:
    """Leases up to `most` letters that are due, oldest first; those that others hold are passed over."""
    rows = connection.execute(_CLAIM, {"due": due, "held": held, "most": most}).mappings().all()
    return sorted((_claimed(row, held) for row in rows), key=lambda letter: letter.id)


def _claimed(row: Any, held: datetime) -> Claimed:
    return Claimed(
        row["id"], row["content_id"], _opened(row["to_sealed"]), bytes(row["to_index"]),
        json.loads(_opened(row["fields_sealed"]) or "{}"), row["headers"], row["message_id"], row["attempts"],
        row["reason"], row["created_at"], held,
    )  # fmt: skip


def _opened(sealed: bytes | None) -> str | None:
    """What was sealed; None where it is gone or this key does not open it: one such row must not stop the others."""
    try:
        return unseal(bytes(sealed)) if sealed else None
    except Unreadable:
        return None


def contents(connection: Connection, letters: Sequence[Claimed]) -> dict[int, Said]:
    """What these letters say, by id of the content. Editions are built once in a process."""
    wanted = {letter.content_id for letter in letters if letter.content_id is not None}
    found = {id: _moulds[id] for id in wanted if id in _moulds}
    for row in connection.execute(_CONTENTS, {"ids": sorted(wanted - found.keys())}) if wanted - found.keys() else ():
        if (opened := _opened(row.sealed)) is None:
            continue
        words = json.loads(opened)
        said = mould(Words(**words), pseudonym("place", row.key), _attached(row.attached))
        found[row.id] = Said(said, row.shared)
        if row.shared:
            while len(_moulds) >= _MOST_MOULDS:
                _moulds.pop(next(iter(_moulds)))
            _moulds[row.id] = found[row.id]
    return found


def _attached(sealed: bytes | None) -> Attachment | None:
    """The file of a content; a letter whose file cannot be read goes without it."""
    if (opened := _opened(sealed)) is None:
        return None
    kept = json.loads(opened)
    return Attachment(kept["name"], kept["kind"], base64.b64decode(kept["content"]))


def suppressed(connection: Connection, letters: Sequence[Claimed]) -> dict[bytes, str]:
    """Which of these addresses must not be written to, and why."""
    indexes = [letter.to_index for letter in letters]
    return {bytes(index): reason for index, reason in connection.execute(_SUPPRESSED, {"indexes": indexes})}


def start(connection: Connection, letter: Claimed, *, lease: datetime) -> bool:
    """Marks the letter as being handed over; False where the lease was lost, and it must be left alone."""
    return connection.execute(_START, {"id": letter.id, "held": letter.held, "lease": lease}).rowcount == 1


def end(
    connection: Connection, letter: Claimed, state: State, reason: str | None, *, shared: bool, at: datetime
) -> None:
    """The letter's final state: the address, the fields and a content of its own are wiped."""
    values = {"id": letter.id, "state": state, "reason": reason, "sent_at": at if state is State.SENT else None}
    if shared:
        connection.execute(_END, values)
    else:
        connection.execute(_END_WITH_CONTENT, {**values, "content_id": letter.content_id})


def postpone(connection: Connection, letter: Claimed, reason: str | None, *, at: datetime) -> None:
    """The letter is due again at that instant. That it may have arrived is not forgotten."""
    uncertain = letter.uncertain or reason == CUT_AFTER_END
    connection.execute(
        _POSTPONE,
        {"id": letter.id, "state": State.UNCERTAIN if uncertain else State.PENDING, "at": at,
         "reason": CUT_AFTER_END if uncertain else reason},
    )  # fmt: skip


def release(connection: Connection, letters: Sequence[Claimed], *, at: datetime) -> None:
    """Gives back letters that were not tried."""
    if letters:
        ids = [letter.id for letter in letters]
        connection.execute(_RELEASE, {"ids": ids, "held": letters[0].held, "at": at, "uncertain": CUT_AFTER_END})


def suppress(connection: Connection, letter: Claimed, reason: str, *, at: datetime) -> None:
    """The server said that this address is none: it is not written to again."""
    connection.execute(_SUPPRESS, {"index": letter.to_index, "reason": reason, "at": at})
