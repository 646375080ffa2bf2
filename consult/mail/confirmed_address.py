"""Readers of e-mails: an account, or an address confirmed by e-mail, with links to stop.

A table of readers has `ConfirmedAddressColumns` and adds their choices; this registers it for the deletion of expired
addresses and of accounts. An address is encrypted with the row's own salt.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session

from consult.core.clock import now
from consult.core.crypto import blind_index, derive_token, seal, unseal, unseal_address
from consult.core.db import Id
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.mail import suppression
from consult.mail.stop_links import get_by_link

CONFIRMED_WITHIN = timedelta(days=7)
"""How long an address that is not confirmed is kept."""


class ConfirmedAddressColumns:
    """A reader of e-mails. A table adds `account_id` and what is unique.

    A row of an account has no address and is confirmed from the start.
    """

    __tablename__: str

    id: Mapped[Id]
    email_sealed: Mapped[bytes | None]
    email_index: Mapped[bytes | None]
    salt: Mapped[bytes]
    language: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def token(self) -> str:
        """Return the token at the end of the reader's links. It is valid as long as the row exists."""
        return f"{self.id}-{derive_token(self.__tablename__, str(self.id), self.salt)}"


Reader = TypeVar("Reader", bound=ConfirmedAddressColumns)


def add_account(
    session: Session, table: type[ConfirmedAddressColumns], *, key: Mapping[str, Any], wants: Mapping[str, Any]
) -> None:
    """Add a row of an account, or change what it `wants`. `key`: the account, with what else makes a row unique."""
    row = insert(table).values(**key, **wants, salt=secrets.token_bytes(32), confirmed_at=now(), created_at=now())
    session.execute(row.on_conflict_do_update(index_elements=list(key), set_=dict(wants)))


def add_address(
    session: Session, table: type[Reader], email: str, *, key: Mapping[str, Any], wants: Mapping[str, Any]
) -> tuple[Reader, bool]:
    """Return the locked row of an address, and whether to send it a confirmation e-mail.

    `key` makes a row unique besides the address. `wants` replaces the choices until the address is confirmed. Later
    only a link in its e-mails can change them, because anyone can type an address. A confirmed address that has bounced
    since is asked again.
    """
    salt, index = secrets.token_bytes(32), blind_index(email)
    row = insert(table).values(
        **key, **wants, email_sealed=seal(email, salt=salt), email_index=index, salt=salt, created_at=now()
    )
    session.execute(row.on_conflict_do_nothing())
    reader = session.scalars(
        select(table).filter_by(**key, email_index=index).with_for_update().execution_options(populate_existing=True)
    ).one()
    if reader.confirmed_at is None:
        for name, value in wants.items():
            setattr(reader, name, value)
        session.flush()
    return reader, reader.confirmed_at is None or suppression.get_closed_address(session, email) is not None


def get_by_token(session: Session, table: type[Reader], given: str) -> Reader:
    """Return the reader that a link is of. Raises NotFound."""
    row = get_by_link(session, table, given, lambda reader: reader.token)
    if row is None:
        raise NotFound(
            _("We cannot find this link. You may have used it already to stop the e-mails, or part of it is missing.")
        )
    return row


def confirm(session: Session, row: ConfirmedAddressColumns) -> None:
    """Confirm the address to which a link was sent. May be repeated."""
    row.confirmed_at = row.confirmed_at or now()
    if row.email_sealed:
        suppression.confirm_address(session, unseal(row.email_sealed, salt=row.salt))


def unseal_reader(row: ConfirmedAddressColumns, account: Any) -> str:
    """Return the address of a reader, or of their account; empty if it cannot be read."""
    return unseal_address(account.email_sealed) if account else unseal_address(row.email_sealed or b"", salt=row.salt)


def list_tables() -> Sequence[Any]:
    """Return all tables of readers: those with `ConfirmedAddressColumns`."""
    return ConfirmedAddressColumns.__subclasses__()


def delete_for_account(session: Session, account: Any, tables: Sequence[Any] | None = None) -> None:
    """Delete the rows of an account and of its address, in all tables of readers or in these."""
    for table in list_tables() if tables is None else tables:
        is_own = (table.account_id == account.id) | (table.email_index == account.email_index)
        session.execute(delete(table).where(is_own))


def delete_expired(session: Session, *, at: datetime) -> None:
    """Delete addresses that were not confirmed in time, in all tables of readers."""
    for table in list_tables():
        session.execute(delete(table).where(table.confirmed_at.is_(None), table.created_at < at - CONFIRMED_WITHIN))
