"""Suppressed addresses: closed after two failures a day apart, opened again by a delivered letter.

One failure is often a mail server that is misconfigured for an hour, so it is only recorded. A letter that somebody at
a closed address asks for is sent once a day all the same: its link proves that the address works.
Functions take a session or a connection, because the outbox commits each of its transitions by itself.
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
"""Failures closer together are one mishap."""
_FAILURE_RETENTION = timedelta(days=180)
ASKED_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class AddressClosure:
    """Why an address is not written to."""

    reason: str
    lasting: bool


@dataclass(frozen=True)
class ClosedAddress:
    """A closed address as a person sees it: since when, why, and how many letters were not sent to it."""

    at: datetime
    reason: str
    lasting: bool
    tried_at: datetime | None
    unsent: int

    @property
    def tried_lately(self) -> bool:
        """Whether a letter was let through so short a time ago that the next one is not."""
        return self.tried_at is not None and self.tried_at > now() - ASKED_EVERY


def note_failure(db: Session | Connection, index: bytes, reason: str, *, at: datetime) -> bool:
    """Notes that a server called an address none; whether it is closed now, or was before."""
    first = delete(AddressFailure).where(AddressFailure.index == index, AddressFailure.at <= at - MIN_FAILURE_GAP)
    if db.execute(first.returning(AddressFailure.at)).first() is not None:
        db.execute(insert(Suppression).values(index=index, reason=reason, at=at).on_conflict_do_nothing())
        return True
    db.execute(insert(AddressFailure).values(index=index, reason=reason, at=at).on_conflict_do_nothing())
    return _is_closed(db, index)


def _is_closed(db: Session | Connection, index: bytes) -> bool:
    return db.execute(select(Suppression.index).where(Suppression.index == index)).first() is not None


def close_address(session: Session, *, address: str, reason: str) -> None:
    """From now on nothing is sent to this address, also not what somebody asks for."""
    row = insert(Suppression).values(index=blind_index(address), reason=reason, at=now(), lasting=True)
    session.execute(row.on_conflict_do_nothing())


def get_closures(db: Connection, indexes: Collection[bytes]) -> dict[bytes, AddressClosure]:
    """Which of these addresses must not be written to, and why."""
    asked = select(Suppression.index, Suppression.reason, Suppression.lasting).where(Suppression.index.in_(indexes))
    return {bytes(index): AddressClosure(reason, lasting) for index, reason, lasting in db.execute(asked)}


def try_let_through(db: Connection, letter: ClaimedLetter, why: AddressClosure, *, at: datetime) -> bool:
    """Whether this letter is sent to a closed address all the same: it was asked for, and none was sent lately."""
    if not letter.asked or why.lasting:
        return False
    if letter.attempts:  # it went through before, and the server said: later
        return True
    turn = update(Suppression).where(
        Suppression.index == letter.to_index,
        ~Suppression.lasting,
        or_(Suppression.tried_at.is_(None), Suppression.tried_at <= at - ASKED_EVERY),
    )
    return db.execute(turn.values(tried_at=at)).rowcount == 1


def get_closed_address(session: Session, address: str) -> ClosedAddress | None:
    """The state of a closed address; None for an open one."""
    index = blind_index(address)
    unsent = select(func.count()).where(Letter.to_index == index, Letter.state == State.SUPPRESSED).scalar_subquery()
    row = session.execute(
        select(Suppression.at, Suppression.reason, Suppression.lasting, Suppression.tried_at, unsent).where(
            Suppression.index == index
        )
    ).first()
    return ClosedAddress(*row) if row else None


def reopen(session: Session, address: str) -> bool:
    """The address is written to again, and its failures are forgotten; False where it was open."""
    index = blind_index(address)
    session.execute(delete(AddressFailure).where(AddressFailure.index == index))
    gone = delete(Suppression).where(Suppression.index == index).returning(Suppression.index)
    return session.execute(gone).first() is not None


def confirm_address(session: Session, address: str) -> None:
    """A letter to this address was read: somebody opened its link. A lasting closure stays."""
    index = blind_index(address)
    session.execute(delete(AddressFailure).where(AddressFailure.index == index))
    session.execute(delete(Suppression).where(Suppression.index == index, ~Suppression.lasting))


def forget_old_failures(session: Session, *, at: datetime) -> None:
    """Single failures of long ago say nothing of an address any more."""
    session.execute(delete(AddressFailure).where(AddressFailure.at < at - _FAILURE_RETENTION))
