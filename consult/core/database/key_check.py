"""Check that the seal key is the one that this database's records are encrypted with.

The database stores a check value: a random salt and its HMAC under a key derived from the seal key, which does not
reveal the key. Every new connection reads it, so that no process encrypts with another key. A database without one gets
it at `consult migrate`, or from the first process that connects, if that can decrypt the oldest record.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from typing import Any

import psycopg
from psycopg.errors import UndefinedTable
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.core import crypto
from consult.core.db import Base
from consult.core.settings import Settings, SettingsError

_SALT_BYTES = 32
_NO_SALT = "''::bytea"
_SUBMISSION_SALT = "(SELECT salt FROM submission WHERE submission.id = submission_id)"
SEALED_COLUMNS = (
    ("account", "email_sealed", _NO_SALT), ("contact", "email_sealed", "salt"), ("follow", "email_sealed", "salt"),
    ("link_token", "email_sealed", _NO_SALT), ("letter_content", "sealed", _NO_SALT),
    ("letter_content", "attached", _NO_SALT), ("letter", "to_sealed", _NO_SALT), ("letter", "fields_sealed", _NO_SALT),
    ("draft", "sealed", "token"), ("response_draft", "sealed", _NO_SALT), ("former_words", "sealed", _SUBMISSION_SALT),
    ("former_words", "reply", _SUBMISSION_SALT), ("appeal", "sealed", _SUBMISSION_SALT), ("report", "words", "salt"),
    ("report", "contact", "salt"), ("evaluation", "remark_sealed", _NO_SALT),
    ("authenticator", "secret_sealed", _NO_SALT), ("argument_objection", "sealed", _SUBMISSION_SALT),
    ("watcher", "email_sealed", "salt"), ("sign_on_provider", "secret_sealed", _NO_SALT),
    ("inbound_item", "sealed", _NO_SALT), ("sign_off_event", "sealed", "salt"), ("supporter_consent", "sealed", "salt"),
    ("sign_on_attempt", "nonce_sealed", _NO_SALT), ("sign_on_attempt", "verifier_sealed", _NO_SALT),
)  # fmt: skip
"""Columns with encrypted records: table, column, salt. Without a check value, the first one with a record is tried."""
_AGE_COLUMNS = {"response_draft": "saved_at", "evaluation": "author", "supporter_consent": "submission_id"}
"""The column that finds the oldest row of a table, if it is not the ID."""
_SELECT_CHECK = "SELECT salt, mark FROM seal_check"
_INSERT_CHECK = "INSERT INTO seal_check (id, salt, mark, made_at) VALUES (1, %s, %s, now()) ON CONFLICT DO NOTHING"
_GIVE_THAT_KEY = "Use the original key, which is kept with the backups. Nothing was read or written."


class SealCheck(Base):
    """The check value of this database: a random salt and its HMAC under the seal key."""

    __tablename__ = "seal_check"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    salt: Mapped[bytes]
    mark: Mapped[bytes]
    made_at: Mapped[datetime]


class WrongSealKey(SettingsError):
    """The seal key of this process is not the database's."""

    def __init__(self, settings: Settings) -> None:
        if settings.seal_key.reveal():
            said = f"CONSULT_SEAL_KEY is not the key that encrypts the records of this database. {_GIVE_THAT_KEY}"
        else:
            said = (
                "CONSULT_SEAL_KEY is not set, and CONSULT_SECRET_KEY is not the key that encrypts the records of this "
                f"database. {_GIVE_THAT_KEY}"
            )
        super().__init__(said)


def require_key(connection: psycopg.Connection[Any], settings: Settings) -> None:
    """Raise WrongSealKey if this is not the database's key. Store a check value if there is none.

    Does nothing if the table is missing. The connection must be between transactions; changes are committed.
    """
    try:
        kept = connection.execute(_SELECT_CHECK).fetchone()
    except UndefinedTable:
        return
    if not (_matches(settings, *kept) if kept else _opens_oldest_record(connection, settings)):
        raise WrongSealKey(settings)
    if kept is None and _store_check_value(connection, settings):
        require_key(connection, settings)  # another process may have stored that of another key in the meantime


def is_database_key(connection: psycopg.Connection[Any], settings: Settings) -> bool:
    """Return True if this is the database's key. Read-only."""
    kept = connection.execute(_SELECT_CHECK).fetchone()
    return _matches(settings, *kept) if kept is not None else _opens_oldest_record(connection, settings)


def _matches(settings: Settings, salt: bytes, mark: bytes) -> bool:
    return hmac.compare_digest(bytes(mark), crypto.key_check_value(settings, bytes(salt)))


def _opens_oldest_record(connection: psycopg.Connection[Any], settings: Settings) -> bool:
    """Return True if the oldest encrypted record can be decrypted, or if there is none."""
    for table, column, salt in SEALED_COLUMNS:
        found = connection.execute(
            f"SELECT {column}, {salt} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - constants
            f" AND {salt} IS NOT NULL ORDER BY {_AGE_COLUMNS.get(table, 'id')} LIMIT 1"
        ).fetchone()
        if found is not None:
            return crypto.can_unseal(settings, bytes(found[0]), salt=bytes(found[1]))
    return True


def _store_check_value(connection: psycopg.Connection[Any], settings: Settings) -> bool:
    """Store the check value of a production key. Return False for other keys."""
    if not settings.has_real_key:
        return False
    salt = secrets.token_bytes(_SALT_BYTES)
    connection.read_only = False
    with connection.transaction():
        connection.execute(_INSERT_CHECK, (salt, crypto.key_check_value(settings, salt)))
    return True
