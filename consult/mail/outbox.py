"""State transitions of an e-mail: claim, start, hold, end, postpone, release. Each commits at once.

A claim is a lease. Its end (`next_at`) also proves that it is still held, because a worker that claims an expired one
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
"""E-mails come in bursts, and a plan cached for a small outbox would read all of it to mark one e-mail. Statements that
mark one keep their plan, which can only use the primary key: the parameter `state` rules out the partial indexes. The
statement that claims is planned anew.
"""
_PLAN_ANEW = text("SET plan_cache_mode = force_custom_plan")
_KEEP_PLANS = text("SET plan_cache_mode = force_generic_plan")
_SENDING = {"sending": State.SENDING}
_templates: dict[int, PreparedContent] = {}
_MAX_TEMPLATES = 16


@dataclass(frozen=True)
class PreparedContent:
    """A content with its template built, ready for the fields."""

    template: MessageTemplate
    shared: bool
    language: str


@dataclass(frozen=True)
class ClaimedLetter:
    """An e-mail that this worker holds until `leased_until`."""

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
    """Open a connection on which every statement commits at once, without waiting for the disk.

    A killed process loses nothing. If the database itself crashes, the marks of the last half second may be lost, and
    those e-mails are sent again with the same Message-ID. `wait_for_disk` bounds their number. Behind a connection
    pooler every statement waits, because session settings would affect other clients.
    """
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if is_pooled(connection):
            yield connection
            return
        try:
            connection.execute(_SET, _OUTBOX)
            connection.execute(_DO_NOT_WAIT)
            yield connection
        finally:
            _restore_usual(connection)


def _restore_usual(connection: Connection) -> None:
    """Restore the usual session settings. If that fails, the connection is not reused."""
    if connection.invalidated:
        return
    try:
        connection.execute(_WAIT_FOR_DISK)
        connection.execute(_SET, _USUAL)
    except BaseException:
        connection.invalidate()
        raise


@contextmanager
def wait_for_disk(connection: Connection) -> Iterator[None]:
    """Make commits within the block wait for the disk. Earlier commits become durable too."""
    if is_pooled(connection):
        yield
        return
    connection.execute(_WAIT_FOR_DISK)
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.execute(_DO_NOT_WAIT)


def claim(connection: Connection, *, due: datetime, held: datetime, most: int) -> list[ClaimedLetter]:
    """Lease up to `most` due e-mails, oldest first. E-mails leased by others are skipped."""
    with _plan_anew(connection):
        rows = connection.execute(_CLAIM, {"due": due, "held": held, "most": most}).mappings().all()
    return sorted((_to_claimed(row, held) for row in rows), key=lambda letter: letter.id)


@contextmanager
def _plan_anew(connection: Connection) -> Iterator[None]:
    if is_pooled(connection):  # poolers cache no plans
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
    """Decrypt a value.

    Return None if it is missing or the key does not fit, so that one row does not stop the others.
    """
    try:
        return unseal(bytes(sealed)) if sealed else None
    except UnsealError:
        return None


def load_contents(connection: Connection, letters: Sequence[ClaimedLetter]) -> dict[int, PreparedContent]:
    """Return the contents of these e-mails by id. The template of an edition is built once in a process."""
    wanted = {letter.content_id for letter in letters if letter.content_id is not None}
    contents = {id: _templates[id] for id in wanted if id in _templates}
    for row in (
        connection.execute(_CONTENTS, {"ids": sorted(wanted - contents.keys())}) if wanted - contents.keys() else ()
    ):
        if (opened := _unseal_or_none(row.sealed)) is None:
            continue
        words = json.loads(opened)
        content = build_template(LetterText(**words), pseudonym("place", row.key), _unseal_attachment(row.attached))
        contents[row.id] = PreparedContent(content, row.shared, row.language)
        if row.shared:
            while len(_templates) >= _MAX_TEMPLATES:
                _templates.pop(next(iter(_templates)))
            _templates[row.id] = contents[row.id]
    return contents


def _unseal_attachment(sealed: bytes | None) -> Attachment | None:
    """Return the attachment of a content, or None if it cannot be decrypted."""
    if (opened := _unseal_or_none(sealed)) is None:
        return None
    kept = json.loads(opened)
    return Attachment(kept["name"], kept["kind"], base64.b64decode(kept["content"]))


def start(connection: Connection, letter: ClaimedLetter, *, lease: datetime) -> bool:
    """Mark the e-mail as being sent. Return False if the lease was lost and it must be skipped."""
    return (
        connection.execute(_START, {**_SENDING, "id": letter.id, "held": letter.leased_until, "lease": lease}).rowcount
        == 1
    )


def end(
    connection: Connection, letter: ClaimedLetter, state: State, reason: str | None, *, shared: bool, at: datetime
) -> None:
    """Set a final state and delete the address, the fields and any content that is not shared."""
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
    """Mark the e-mail as failed. Address and content are kept, so it can be sent again."""
    connection.execute(_GIVE_UP, {**_SENDING, "id": letter.id, "reason": reason, "cuts": cuts})


def postpone(connection: Connection, letter: ClaimedLetter, reason: str | None, *, cuts: int, at: datetime) -> None:
    """Schedule the next attempt. `cuts` is the number of attempts after which it may have been delivered."""
    connection.execute(_POSTPONE, {**_SENDING, "id": letter.id, "reason": reason, "cuts": cuts, "at": at})


def hold(connection: Connection, letter: ClaimedLetter, *, lease: datetime) -> None:
    """Extend the lease while the server has the e-mail and has not answered."""
    connection.execute(_HOLD, {**_SENDING, "id": letter.id, "lease": lease})


def release(connection: Connection, letters: Sequence[ClaimedLetter], *, at: datetime) -> None:
    """Release e-mails that were not tried."""
    if letters:
        ids = [letter.id for letter in letters]
        connection.execute(_RELEASE, {**_SENDING, "ids": ids, "held": letters[0].leased_until, "at": at})
