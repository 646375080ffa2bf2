"""Closed addresses: closed after two failures a day apart, reopened by a delivered e-mail.

A single failure is often a mail server that is misconfigured for an hour, so it is only recorded. An e-mail requested
by the person at a closed address is still sent once a day, because opening its link proves that the address works.
Functions take a session or a connection, because the outbox commits each of its transitions separately.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import blind_index
from consult.mail.model import AddressFailure, Letter, State, Suppression
from consult.mail.outbox import ClaimedLetter

MIN_FAILURE_GAP = timedelta(days=1)
"""Failures closer together count as one."""
_FAILURE_RETENTION = timedelta(days=180)
ASKED_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class AddressClosure:
    """The reason why an address is closed."""

    reason: str
    lasting: bool


@dataclass(frozen=True)
class ClosedAddress:
    """A closed address as its owner sees it: since when, why, and the number of unsent e-mails."""

    at: datetime
    reason: str
    lasting: bool
    tried_at: datetime | None
    unsent: int

    @property
    def tried_lately(self) -> bool:
        """Return whether an e-mail was let through so recently that the next one is not."""
        return self.tried_at is not None and self.tried_at > now() - ASKED_EVERY


def note_failure(db: Session | Connection, index: bytes, reason: str, *, at: datetime) -> bool:
    """Record a failure of an address and return whether the address is now closed."""
    first = delete(AddressFailure).where(AddressFailure.index == index, AddressFailure.at <= at - MIN_FAILURE_GAP)
    if db.execute(first.returning(AddressFailure.at)).first() is not None:
        db.execute(insert(Suppression).values(index=index, reason=reason, at=at).on_conflict_do_nothing())
        return True
    db.execute(insert(AddressFailure).values(index=index, reason=reason, at=at).on_conflict_do_nothing())
    return _is_closed(db, index)


def _is_closed(db: Session | Connection, index: bytes) -> bool:
    return db.execute(select(Suppression.index).where(Suppression.index == index)).first() is not None


def close_address(session: Session, *, address: str, reason: str) -> None:
    """Close an address for good, also for requested e-mails."""
    row = insert(Suppression).values(index=blind_index(address), reason=reason, at=now(), lasting=True)
    session.execute(row.on_conflict_do_nothing())


def get_closures(db: Connection, indexes: Collection[bytes]) -> dict[bytes, AddressClosure]:
    """Return the closed addresses among these, with the reason, by blind index."""
    asked = select(Suppression.index, Suppression.reason, Suppression.lasting).where(Suppression.index.in_(indexes))
    return {bytes(index): AddressClosure(reason, lasting) for index, reason, lasting in db.execute(asked)}


def try_let_through(db: Connection, letter: ClaimedLetter, why: AddressClosure, *, at: datetime) -> bool:
    """Return whether this e-mail is sent to a closed address: it was requested, and none was sent recently."""
    if not letter.asked or why.lasting:
        return False
    if letter.attempts:  # An earlier attempt was let through and temporarily refused.
        return True
    turn = update(Suppression).where(
        Suppression.index == letter.to_index,
        ~Suppression.lasting,
        or_(Suppression.tried_at.is_(None), Suppression.tried_at <= at - ASKED_EVERY),
    )
    return db.execute(turn.values(tried_at=at)).rowcount == 1


def get_closed_address(session: Session, address: str) -> ClosedAddress | None:
    """Return the state of a closed address, or None if it is open."""
    index = blind_index(address)
    unsent = select(func.count()).where(Letter.to_index == index, Letter.state == State.SUPPRESSED).scalar_subquery()
    row = session.execute(
        select(Suppression.at, Suppression.reason, Suppression.lasting, Suppression.tried_at, unsent).where(
            Suppression.index == index
        )
    ).first()
    return ClosedAddress(*row) if row else None


def reopen(session: Session, address: str) -> bool:
    """Reopen an address and delete its failures. Return False if it was not closed."""
    index = blind_index(address)
    session.execute(delete(AddressFailure).where(AddressFailure.index == index))
    gone = delete(Suppression).where(Suppression.index == index).returning(Suppression.index)
    return session.execute(gone).first() is not None


def confirm_address(session: Session, address: str) -> None:
    """Reopen an address after a link sent to it was opened. A lasting closure remains."""
    index = blind_index(address)
    session.execute(delete(AddressFailure).where(AddressFailure.index == index))
    session.execute(delete(Suppression).where(Suppression.index == index, ~Suppression.lasting))


def forget_old_failures(session: Session, *, at: datetime) -> None:
    """Delete single failures that are too old to matter."""
    session.execute(delete(AddressFailure).where(AddressFailure.at < at - _FAILURE_RETENTION))
