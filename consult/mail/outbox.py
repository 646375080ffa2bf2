"""State transitions of a letter: claim, start, hold, end, postpone, release. Each is a statement saved at once.

A claim is a lease. Its end (`next_at`) also proves that it is still held: another worker that claims an expired one
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

from consult.core.crypto import UnsealError, pseudonym, unseal
from consult.core.database.connections import is_pooled
from consult.core.db import db
from consult.mail.message import Attachment, MessageTemplate, build_template
from consult.mail.model import State
from consult.mail.render import LetterText

_CLAIM = text(
    """
    UPDATE letter SET state = 'sending', next_at = :held WHERE id IN (
        SELECT id FROM letter WHERE state IN ('pending', 'sending', 'uncertain') AND next_at <= :due
        ORDER BY next_at, id LIMIT :most FOR UPDATE SKIP LOCKED
    )
    RETURNING id, content_id, to_sealed, to_index, fields_sealed, headers, message_id, attempts, cuts, asked, created_at
    """
)
_START = text(
    """
    UPDATE letter SET attempts = attempts + 1, next_at = :lease
    WHERE id = :id AND state = :sending AND next_at = :held
    """
)
_END = text(
    """
    UPDATE letter SET state = :state, reason = :reason, sent_at = :sent_at, to_sealed = NULL, fields_sealed = NULL
    WHERE id = :id AND state = :sending
    """
)
_END_WITH_CONTENT = text(
    """
    WITH gone AS (DELETE FROM letter_content WHERE id = :content_id AND NOT shared)
    UPDATE letter SET state = :state, reason = :reason, sent_at = :sent_at, to_sealed = NULL, fields_sealed = NULL,
        content_id = NULL
    WHERE id = :id AND state = :sending
    """
)
_GIVE_UP = text("UPDATE letter SET state = 'dead', reason = :reason, cuts = :cuts WHERE id = :id AND state = :sending")
_POSTPONE = text(
    """
    UPDATE letter SET state = CASE WHEN :cuts > 0 THEN 'uncertain' ELSE 'pending' END, reason = :reason, cuts = :cuts,
        next_at = :at
    WHERE id = :id AND state = :sending
    """
)
_HOLD = text("UPDATE letter SET next_at = :lease WHERE id = :id AND state = :sending")
_RELEASE = text(
    """
    UPDATE letter SET state = CASE WHEN cuts > 0 THEN 'uncertain' ELSE 'pending' END, next_at = :at
    WHERE id = ANY(:ids) AND state = :sending AND next_at = :held
    """
)
_CONTENTS = text("SELECT id, key, sealed, shared, attached, language FROM letter_content WHERE id = ANY(:ids)")
_WAIT_FOR_DISK = text("SET synchronous_commit = on")
_DO_NOT_WAIT = text("SET synchronous_commit = off")
_SET = text(
    "SELECT set_config('default_transaction_read_only', :read_only, false), "
    "set_config('plan_cache_mode', :plans, false), set_config('enable_seqscan', :whole, false)"
)
_OUTBOX = {"read_only": "off", "plans": "force_generic_plan", "whole": "off"}
_USUAL = {"read_only": "on", "plans": "auto", "whole": "on"}
"""Letters come in bursts: a plan that was kept from a tiny outbox would read all of it to mark one letter. Those that
mark are kept, and can only go by the number of the letter: `state`, a value, rules out the indexes of some states. The
one that claims is made anew."""
_PLAN_ANEW = text("SET plan_cache_mode = force_custom_plan")
_KEEP_PLANS = text("SET plan_cache_mode = force_generic_plan")
_SENDING = {"sending": State.SENDING}
_templates: dict[int, PreparedContent] = {}
_MAX_TEMPLATES = 16


@dataclass(frozen=True)
class PreparedContent:
    """A content with its template built, ready to fill."""

    template: MessageTemplate
    shared: bool
    language: str


@dataclass(frozen=True)
class ClaimedLetter:
    """A letter this worker holds until `leased_until`."""

    id: int
    content_id: int | None
    to: str | None
    to_index: bytes
    fields: dict[str, str]
    headers: dict[str, str]
    message_id: str
    attempts: int
    cuts: int
    asked: bool
    created_at: datetime
    leased_until: datetime


@contextmanager
def open_connection() -> Iterator[Connection]:
    """A connection on which every statement is saved at once, without waiting for the disk.

    Nothing is lost when this process is killed. When the database itself crashes, the marks of the last half second
    may be gone: those letters go out again, with the same Message-ID. `wait_for_disk` bounds how many. Behind a pooler
    every statement waits: what is set for a session there would hold for others' too.
    """
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if is_pooled(connection):
            yield connection
            return
        connection.execute(_SET, _OUTBOX)
        connection.execute(_DO_NOT_WAIT)
        try:
            yield connection
        finally:
            connection.execute(_WAIT_FOR_DISK)
            connection.execute(_SET, _USUAL)


@contextmanager
def wait_for_disk(connection: Connection) -> Iterator[None]:
    """Commits within the block wait for the disk, and make everything committed before durable too."""
    if is_pooled(connection):
        yield
        return
    connection.execute(_WAIT_FOR_DISK)
    try:
        yield
    finally:
        connection.execute(_DO_NOT_WAIT)


def claim(connection: Connection, *, due: datetime, held: datetime, most: int) -> list[ClaimedLetter]:
    """Leases up to `most` letters that are due, oldest first; those that others hold are passed over."""
    with _plan_anew(connection):
        rows = connection.execute(_CLAIM, {"due": due, "held": held, "most": most}).mappings().all()
    return sorted((_to_claimed(row, held) for row in rows), key=lambda letter: letter.id)


@contextmanager
def _plan_anew(connection: Connection) -> Iterator[None]:
    if is_pooled(connection):  # where no plan is kept
        yield
        return
    connection.execute(_PLAN_ANEW)
    try:
        yield
    finally:
        connection.execute(_KEEP_PLANS)


def _to_claimed(row: Any, held: datetime) -> ClaimedLetter:
    return ClaimedLetter(
        row["id"],
        row["content_id"],
        _unseal_or_none(row["to_sealed"]),
        bytes(row["to_index"]),
        json.loads(_unseal_or_none(row["fields_sealed"]) or "{}"),
        row["headers"],
        row["message_id"],
        row["attempts"],
        row["cuts"],
        row["asked"],
        row["created_at"],
        held,
    )


def _unseal_or_none(sealed: bytes | None) -> str | None:
    """Decrypts; None if the value is gone or the key does not fit: one such row must not stop the others."""
    try:
        return unseal(bytes(sealed)) if sealed else None
    except UnsealError:
        return None


def load_contents(connection: Connection, letters: Sequence[ClaimedLetter]) -> dict[int, PreparedContent]:
    """The contents of these letters, by id. Editions are built once in a process."""
    wanted = {letter.content_id for letter in letters if letter.content_id is not None}
    found = {id: _templates[id] for id in wanted if id in _templates}
    for row in connection.execute(_CONTENTS, {"ids": sorted(wanted - found.keys())}) if wanted - found.keys() else ():
        if (opened := _unseal_or_none(row.sealed)) is None:
            continue
        words = json.loads(opened)
        said = build_template(LetterText(**words), pseudonym("place", row.key), _unseal_attachment(row.attached))
        found[row.id] = PreparedContent(said, row.shared, row.language)
        if row.shared:
            while len(_templates) >= _MAX_TEMPLATES:
                _templates.pop(next(iter(_templates)))
            _templates[row.id] = found[row.id]
    return found


def _unseal_attachment(sealed: bytes | None) -> Attachment | None:
    """The file of a content; a letter whose file cannot be read goes without it."""
    if (opened := _unseal_or_none(sealed)) is None:
        return None
    kept = json.loads(opened)
    return Attachment(kept["name"], kept["kind"], base64.b64decode(kept["content"]))


def start(connection: Connection, letter: ClaimedLetter, *, lease: datetime) -> bool:
    """Marks the letter as being handed over; False where the lease was lost, and it must be left alone."""
    return (
        connection.execute(_START, {**_SENDING, "id": letter.id, "held": letter.leased_until, "lease": lease}).rowcount
        == 1
    )


def end(
    connection: Connection, letter: ClaimedLetter, state: State, reason: str | None, *, shared: bool, at: datetime
) -> None:
    """The letter's final state: the address, the fields and a content of its own are wiped."""
    values = {
        **_SENDING,
        "id": letter.id,
        "state": state,
        "reason": reason,
        "sent_at": at if state is State.SENT else None,
    }
    if shared:
        connection.execute(_END, values)
    else:
        connection.execute(_END_WITH_CONTENT, {**values, "content_id": letter.content_id})


def give_up(connection: Connection, letter: ClaimedLetter, reason: str | None, *, cuts: int) -> None:
    """The letter is dead. It keeps its address and its words: it can be sent again."""
    connection.execute(_GIVE_UP, {**_SENDING, "id": letter.id, "reason": reason, "cuts": cuts})


def postpone(connection: Connection, letter: ClaimedLetter, reason: str | None, *, cuts: int, at: datetime) -> None:
    """The letter is due again at that instant. `cuts`: after how many attempts it may have arrived."""
    connection.execute(_POSTPONE, {**_SENDING, "id": letter.id, "reason": reason, "cuts": cuts, "at": at})


def hold(connection: Connection, letter: ClaimedLetter, *, lease: datetime) -> None:
    """Marks that the server has the letter and has not answered: no other worker takes it until that instant."""
    connection.execute(_HOLD, {**_SENDING, "id": letter.id, "lease": lease})


def release(connection: Connection, letters: Sequence[ClaimedLetter], *, at: datetime) -> None:
    """Gives back letters that were not tried."""
    if letters:
        ids = [letter.id for letter in letters]
        connection.execute(_RELEASE, {**_SENDING, "ids": ids, "held": letters[0].leased_until, "at": at})
