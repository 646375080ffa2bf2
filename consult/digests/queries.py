"""What is read of digests: one edition, and a policymaker's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id, page
from consult.digests import slots
from consult.digests.model import Delivery, Digest, EarlyWarning, Reader, Refused, Subscription
from consult.mail.model import Letter

_LATEST = 12
_DELIVERIES = 50


@dataclass(frozen=True)
class Kept:
    """A consultation and somebody's subscription to it, if any; `next_at` is when its next digest is due."""

    subscription: Subscription | None
    consultation: Consultation
    next_at: datetime | None

    @property
    def live(self) -> bool:
        """Whether digests are sent."""
        return self.subscription is not None and self.subscription.ended_at is None


@dataclass(frozen=True)
class Desk:
    """A policymaker's home."""

    digests: Sequence[Digest]
    kept: Sequence[Kept]
    others: Sequence[Consultation]  # published, and not subscribed to

    @property
    def live(self) -> Sequence[Kept]:
        return [kept for kept in self.kept if kept.live]


@dataclass(frozen=True)
class Edition:
    """One digest with its neighbours in the same series."""

    digest: Digest
    consultation: Consultation
    earlier: int | None
    later: int | None


def desk(session: Session, account: Account) -> Desk:
    """The last digests of what the account subscribes to or owns, its subscriptions, and what else there is."""
    rows = session.execute(
        select(Subscription, Consultation)
        .join(Consultation, Consultation.id == Subscription.consultation_id)
        .where(Subscription.account_id == account.id)
        .order_by(Subscription.ended_at.is_not(None), Consultation.closes_at.desc(), Consultation.id)
    ).all()
    kept = [Kept(row, consultation, next_slot(row, consultation)) for row, consultation in rows]
    known = [one.consultation.id for one in kept]
    own = select(Consultation.id).where(Consultation.owner_id == account.id)
    digests = session.scalars(
        select(Digest)
        .where(or_(Digest.consultation_id.in_(known), Digest.consultation_id.in_(own)), ~Digest.empty)
        .order_by(Digest.id.desc())
        .limit(_LATEST)
    ).all()
    others = session.scalars(
        select(Consultation)
        .where(Consultation.phase != Phase.DRAFT, Consultation.id.not_in(known))
        .order_by(Consultation.closes_at.desc(), Consultation.id)
        .limit(_LATEST)
    ).all()
    return Desk(digests, kept, others)


def next_slot(row: Subscription, consultation: Consultation) -> datetime | None:
    """When the next digest of a subscription is due; None where none will be."""
    if row.ended_at is not None:
        return None
    return slots.following(row.cadence, now(), zone=consultation.timezone, closes_at=consultation.closes_at)


def digest(session: Session, number: int) -> Digest:
    """The digest with this number. Raises NotFound."""
    found = session.get(Digest, number)
    if found is None:
        raise NotFound(_("There is no digest with this number."))
    return found


def edition(session: Session, number: int) -> Edition:
    """The digest with this number as its page shows it, in three statements. Raises NotFound."""
    found = digest(session, number)
    this = {"of": found.consultation_id, "cadence": found.cadence, "this": number}
    earlier, later = session.execute(_beside(), this).one()
    return Edition(found, session.get_one(Consultation, found.consultation_id), earlier, later)


@lru_cache(maxsize=1)
def _beside() -> Any:
    this: Any = bindparam("this")
    series = (Digest.consultation_id == bindparam("of")) & (Digest.cadence == bindparam("cadence")) & ~Digest.empty
    return select(
        select(func.max(Digest.id)).where(series, Digest.id < this).scalar_subquery(),
        select(func.min(Digest.id)).where(series, Digest.id > this).scalar_subquery(),
    )


def published(session: Session, slug: str) -> Consultation:
    """The published consultation at this address. Raises NotFound."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug, Consultation.phase != Phase.DRAFT))
    if row is None:
        raise NotFound(_("There is no consultation at this address."))
    return row


def letters(session: Session, digest_id: int) -> int:
    """How many letters a digest was written in."""
    return session.scalar(select(func.count()).where(Delivery.digest_id == digest_id)) or 0


@dataclass(frozen=True)
class Sent:
    """How far one letter of a digest got. The address is masked."""

    letter_id: int
    name: str
    address: str
    state: str
    reason: str | None
    attempts: int
    at: datetime
    message_id: str


def deliveries(session: Session, digest_id: int, *, after: str | None) -> Page[Sent]:
    """The letters of a digest, in the order they were written, also those that were not sent."""
    rows = session.execute(
        select(Letter, Account.display_name, Account.email_sealed)
        .join(Delivery, Delivery.letter_id == Letter.id)
        .join(Subscription, Subscription.id == Delivery.subscription_id)
        .join(Account, Account.id == Subscription.account_id)
        .where(Delivery.digest_id == digest_id, Letter.id > (decode_id(after) or 0))
        .order_by(Letter.id)
        .limit(_DELIVERIES + 1)
    ).all()
    found = [
        Sent(row.id, name, masked(unseal(sealed)), str(row.state), row.reason, row.attempts,
             row.sent_at or row.created_at, row.message_id)
        for row, name, sealed in rows
    ]  # fmt: skip
    return page(found, _DELIVERIES, lambda row: [row.letter_id])


def states(session: Session, digest_id: int) -> dict[str, int]:
    """How many letters of a digest are in each state."""
    rows = session.execute(
        select(Letter.state, func.count())
        .join(Delivery, Delivery.letter_id == Letter.id)
        .where(Delivery.digest_id == digest_id)
        .group_by(Letter.state)
        .order_by(Letter.state)
    )
    return {str(state): int(n) for state, n in rows}


def masked(address: str) -> str:
    """Enough of an address to know it by, and no more.

    >>> masked("daniel@example.org")
    'd•••@e•••.org'
    """
    name, _at, host = address.partition("@")
    return f"{name[:1]}•••@{host[:1]}•••.{host.rpartition('.')[2]}"


def kept(session: Session, *, account_id: int, slug: str) -> Kept:
    """The published consultation at this address and the account's subscription to it. Raises NotFound."""
    row = published(session, slug)
    found = session.scalar(
        select(Subscription).where(Subscription.account_id == account_id, Subscription.consultation_id == row.id)
    )
    return Kept(found, row, next_slot(found, row) if found else None)


def titles(session: Session, rows: Sequence[Subscription]) -> Sequence[str]:
    """The titles of the consultations that subscriptions are for."""
    wanted = [row.consultation_id for row in rows]
    return session.scalars(
        select(Consultation.title).where(Consultation.id.in_(wanted)).order_by(Consultation.title)
    ).all()


def refused(session: Session) -> int:
    """How many series wait because the numbers of their digest contradict each other."""
    return session.scalar(select(func.count()).select_from(Refused)) or 0


def joined(session: Session, account_id: int) -> bool:
    """Whether somebody wishes one letter for all consultations."""
    return session.scalar(select(Reader.joined).where(Reader.account_id == account_id)) or False


def warns_early(session: Session, consultation_id: int) -> bool:
    return session.get(EarlyWarning, consultation_id) is not None
