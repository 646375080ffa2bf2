"""Queries for digests: one edition, and a policymaker's workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, literal_column, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import rights
from consult.consultations.model import Consultation, Phase
from consult.consultations.rights import Deed
from consult.core.clock import now
from consult.core.crypto import unseal_address
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.digests import schedule
from consult.digests.content.body import Body
from consult.digests.model import (
    BodyColumn,
    Delivery,
    Digest,
    DigestPreferences,
    EarlyWarning,
    RefusedDigest,
    Subscription,
    UnprintedDigest,
)
from consult.documents.model import Version
from consult.mail.model import Letter, State

_LATEST = 12
_WITHOUT_ROWS: ColumnElement[Body] = literal_column(
    "digest.body - CAST('{places,topics,copied,arguments,leading,divided,who}' AS text[])", BodyColumn()
)
"""Bodies for lists of editions, without their long parts."""
_DELIVERIES = 50


@dataclass(frozen=True)
class ConsultationSubscription:
    """A consultation and a person's subscription to it, if any. `next_at` is the due time of its next digest."""

    subscription: Subscription | None
    consultation: Consultation
    next_at: datetime | None

    @property
    def live(self) -> bool:
        """Return True if digests are sent."""
        return self.subscription is not None and self.subscription.ended_at is None


@dataclass(frozen=True)
class ListedEdition:
    """An edition in a list. Its body has no rows."""

    id: int
    body: Body


@dataclass(frozen=True)
class PolicymakerDesk:
    """A policymaker's workspace."""

    digests: Sequence[ListedEdition]
    subscriptions: Sequence[ConsultationSubscription]
    others: Sequence[Consultation]  # published, and not subscribed to

    @property
    def live(self) -> Sequence[ConsultationSubscription]:
        return [kept for kept in self.subscriptions if kept.live]


@dataclass(frozen=True)
class EditionPage:
    """A digest with its neighbours in the same series."""

    digest: Digest
    consultation: Consultation
    earlier: int | None
    later: int | None


def get_desk(session: Session, account: Account) -> PolicymakerDesk:
    """Return an account's workspace: recent digests, subscriptions, and other consultations."""
    rows = session.execute(
        select(Subscription, Consultation)
        .join(Consultation, Consultation.id == Subscription.consultation_id)
        .where(Subscription.account_id == account.id)
        .order_by(Subscription.ended_at.is_not(None), Consultation.closes_at.desc(), Consultation.id)
    ).all()
    kept = [ConsultationSubscription(row, consultation, next_slot(row, consultation)) for row, consultation in rows]
    known = [one.consultation.id for one in kept]
    own = rights.select_own_ids(account, Deed.SEE)
    digests = session.execute(
        select(Digest.id, _WITHOUT_ROWS)
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
    return PolicymakerDesk([ListedEdition(number, body) for number, body in digests], kept, others)


def next_slot(row: Subscription, consultation: Consultation) -> datetime | None:
    """Return the due time of a subscription's next digest, or None."""
    if row.ended_at is not None:
        return None
    return schedule.next_slot(row.cadence, now(), zone=consultation.timezone, closes_at=consultation.closes_at)


def get_digest(session: Session, number: int) -> Digest:
    """Return the digest with this ID. Raises NotFound."""
    row = session.get(Digest, number)
    if row is None:
        raise NotFound(_("We cannot find a digest with this number."))
    return row


def get_body(row: Digest) -> Body:
    """Return the body of an edition. Raises NotFound if it is empty."""
    if row.body is None:
        raise NotFound(_("There was no news, so we sent no e-mail for this digest."))
    return row.body


def get_counted_version(session: Session, row: Digest) -> int | None:
    """Return the version of the draft that a digest counts: the last one published when it was compiled."""
    published = select(func.max(Version.number)).join(Consultation, Consultation.document_id == Version.document_id)
    here = Consultation.id == row.consultation_id, Version.published_at <= row.compiled_at
    return session.scalar(published.where(*here))


def get_edition(session: Session, number: int) -> EditionPage:
    """Return the digest with this ID for its page, with three queries. Raises NotFound."""
    digest = get_digest(session, number)
    this = {"of": digest.consultation_id, "cadence": digest.cadence, "this": number}
    earlier, later = session.execute(_select_neighbours(), this).one()
    return EditionPage(digest, session.get_one(Consultation, digest.consultation_id), earlier, later)


@lru_cache(maxsize=1)
def _select_neighbours() -> Any:
    this: Any = bindparam("this")
    series = (Digest.consultation_id == bindparam("of")) & (Digest.cadence == bindparam("cadence")) & ~Digest.empty
    return select(
        select(func.max(Digest.id)).where(series, Digest.id < this).scalar_subquery(),
        select(func.min(Digest.id)).where(series, Digest.id > this).scalar_subquery(),
    )


def get_published_consultation(session: Session, slug: str) -> Consultation:
    """Return the published consultation with this slug. Raises NotFound."""
    row = session.scalar(select(Consultation).where(Consultation.slug == slug, Consultation.phase != Phase.DRAFT))
    if row is None:
        raise NotFound(_("We cannot find this consultation. Check the link."))
    return row


def count_letters(session: Session, digest_id: int) -> int:
    """Return the number of e-mails of a digest."""
    return session.scalar(select(func.count()).where(Delivery.digest_id == digest_id)) or 0


@dataclass(frozen=True)
class LetterStatus:
    """The delivery status of an e-mail of a digest. The address is masked."""

    letter_id: int
    person: int  # their account
    name: str
    address: str
    state: str
    reason: str | None
    attempts: int
    at: datetime
    message_id: str


def list_deliveries(session: Session, digest_id: int, *, after: str | None) -> Page[LetterStatus]:
    """Return a page of a digest's e-mails in order of creation, including unsent ones."""
    rows = session.execute(
        select(Letter, Account.id, Account.display_name, Account.email_sealed)
        .join(Delivery, Delivery.letter_id == Letter.id)
        .join(Subscription, Subscription.id == Delivery.subscription_id)
        .join(Account, Account.id == Subscription.account_id)
        .where(Delivery.digest_id == digest_id, Letter.id > (decode_id_cursor(after) or 0))
        .order_by(Letter.id)
        .limit(_DELIVERIES + 1)
    ).all()
    deliveries = [
        LetterStatus(
            row.id,
            person,
            name,
            mask_address(unseal_address(sealed)),
            str(row.state),
            row.reason,
            row.attempts,
            row.sent_at or row.created_at,
            row.message_id,
        )
        for row, person, name, sealed in rows
    ]
    return make_page(deliveries, _DELIVERIES, lambda row: [row.letter_id])


def count_letter_states(session: Session, digest_id: int) -> dict[str, int]:
    """Return the number of a digest's e-mails in each state."""
    rows = session.execute(
        select(Letter.state, func.count())
        .join(Delivery, Delivery.letter_id == Letter.id)
        .where(Delivery.digest_id == digest_id)
        .group_by(Letter.state)
        .order_by(Letter.state)
    )
    return {str(state): int(n) for state, n in rows}


def list_dead_letters(session: Session, digest_id: int) -> Sequence[int]:
    """Return the IDs of failed e-mails that can be sent again."""
    return session.scalars(
        select(Letter.id)
        .join(Delivery, Delivery.letter_id == Letter.id)
        .where(Delivery.digest_id == digest_id, Letter.state == State.DEAD, Letter.to_sealed.is_not(None))
    ).all()


def mask_address(address: str) -> str:
    """Return an address masked except for the first letter of both parts and the top-level domain.

    >>> mask_address("daniel@example.org")
    'd•••@e•••.org'
    """
    name, _at, host = address.partition("@")
    return f"{name[:1]}•••@{host[:1]}•••.{host.rpartition('.')[2]}"


def get_subscription(session: Session, *, account_id: int, slug: str) -> ConsultationSubscription:
    """Return the published consultation with this slug and the account's subscription. Raises NotFound."""
    row = get_published_consultation(session, slug)
    found = session.scalar(
        select(Subscription).where(Subscription.account_id == account_id, Subscription.consultation_id == row.id)
    )
    return ConsultationSubscription(found, row, next_slot(found, row) if found else None)


def list_titles(session: Session, rows: Sequence[Subscription]) -> Sequence[str]:
    """Return the titles of the consultations of subscriptions."""
    wanted = [row.consultation_id for row in rows]
    return session.scalars(
        select(Consultation.title).where(Consultation.id.in_(wanted)).order_by(Consultation.title)
    ).all()


def count_refused(session: Session) -> int:
    """Return the number of series stopped because the numbers of a digest contradict each other."""
    return session.scalar(select(func.count()).select_from(RefusedDigest)) or 0


def count_unprinted(session: Session) -> int:
    """Return the number of digests of the last week sent without a sheet because it could not be made."""
    found = select(func.count(UnprintedDigest.digest_id.distinct())).where(
        UnprintedDigest.at > now() - timedelta(days=7)
    )
    return session.scalar(found) or 0


def has_combined_letters(session: Session, account_id: int) -> bool:
    """Return True if the account gets combined e-mails."""
    return session.scalar(select(DigestPreferences.joined).where(DigestPreferences.account_id == account_id)) or False


def is_early_warning(session: Session, consultation_id: int) -> bool:
    return session.get(EarlyWarning, consultation_id) is not None
