"""The verbs of digests: subscribe, change, end; compile one window into one edition; say what is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.analysis import service as following
from consult.consultations.model import Consultation, Phase
from consult.core.access import Allow, permits
from consult.core.clock import now
from consult.core.db import lock
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.digests import letters, slots
from consult.digests.body import Material, compile
from consult.digests.gathering import gather
from consult.digests.model import Cadence, Delivery, Digest, Subscription
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import service as mail
from consult.mail.model import Letter, State


class NothingToCome(Refusal):
    """The digest that was asked for will never be made."""


@dataclass(frozen=True)
class Due:
    """A slot that wants a digest."""

    consultation_id: int
    cadence: Cadence
    slot_at: datetime


def subscribe(
    session: Session,
    *,
    account: Account,
    consultation: Consultation,
    cadence: Cadence,
    language: str,
    at: datetime | None = None,
) -> Subscription:
    """The account's one subscription to the consultation, begun, begun again or changed.

    A change between daily and weekly begins where both series end a window at the same entry, the next Monday: so
    nothing is told twice and nothing is left out. The digest on closing tells everything, so it has no such seam.
    """
    moment = at or now()
    if consultation.phase is Phase.DRAFT:
        raise NotFound(_("There is no consultation at this address."))
    if cadence is Cadence.CLOSING and consultation.closes_at <= moment:
        raise NothingToCome(_("This consultation has closed. Choose the daily or the weekly digest."), field="cadence")
    row = Subscription(
        account_id=account.id, consultation_id=consultation.id, cadence=cadence, next_cadence=None, language=language,
        created_at=moment, ended_at=None,
    )  # fmt: skip
    lock(session, "digests.subscribe", account.id)
    found = subscription(session, account_id=account.id, consultation_id=consultation.id)
    if found is None:
        session.add(row)
        session.flush()
        return row
    _change(found, cadence, language, moment)
    session.flush()
    return found


def _change(row: Subscription, cadence: Cadence, language: str, at: datetime) -> None:
    row.language = language
    if row.ended_at is not None:
        row.cadence, row.next_cadence, row.created_at, row.ended_at = cadence, None, at, None
    elif Cadence.CLOSING in (row.cadence, cadence) and row.cadence is not cadence:
        row.cadence, row.next_cadence, row.created_at = cadence, None, at
    else:
        row.next_cadence = None if cadence is row.cadence else cadence


def subscription(session: Session, *, account_id: int, consultation_id: int) -> Subscription | None:
    """The account's subscription to a consultation, also one that has ended."""
    return session.scalar(
        select(Subscription).where(
            Subscription.account_id == account_id, Subscription.consultation_id == consultation_id
        )
    )


def end(session: Session, row: Subscription, *, at: datetime | None = None) -> None:
    """No digest of this subscription is sent from now on, also none that is waiting in the outbox."""
    if row.ended_at is None:
        row.ended_at, row.next_cadence = at or now(), None
    waiting = (
        select(Letter.id)
        .join(Delivery, Delivery.letter_id == Letter.id)
        .where(Delivery.subscription_id == row.id, Letter.state.in_((State.PENDING, State.UNCERTAIN)))
    )
    mail.cancel(session, letter_ids=list(session.scalars(waiting)), reason="unsubscribed")


def by_token(session: Session, token: str) -> Subscription:
    """The subscription that the link at the foot of a digest ends. Raises NotFound."""
    number, _dash, _secret = token.partition("-")
    row = session.get(Subscription, int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
    if row is None or letters.token(row.id) != token:
        raise NotFound(_("This link does not belong to a digest. Check that you copied all of it."))
    return row


def compile_digest(
    session: Session, *, consultation_id: int, cadence: Cadence, slot_at: datetime, at: datetime | None = None
) -> Digest | None:
    """The digest of this slot, compiled now unless it was before; None where a later slot was compiled already.

    The window goes on where the last one of this cadence ended and takes everything that has committed. Letters and
    deliveries are in the same transaction; so is the number that the next window begins with. Raises DoesNotAddUp.
    """
    lock(session, "digests.compile", consultation_id)
    previous = _previous(session, consultation_id, cadence)
    if previous is not None and previous.slot_at >= slot_at:
        return previous if previous.slot_at == slot_at else None
    row = session.get_one(Consultation, consultation_id)
    since = previous.until if previous else 1
    until = _until(session, consultation_id, cadence, slot_at, since)
    edition = 1 + int(session.scalar(
        select(func.coalesce(func.max(Digest.edition), 0)).where(
            Digest.consultation_id == consultation_id, Digest.cadence == cadence
        )
    ) or 0)  # fmt: skip
    material = gather(
        session, row, cadence=cadence, edition=edition, slot_at=slot_at, since=since, until=until,
        from_at=previous.slot_at if previous else min(row.opens_at, slot_at),
    )  # fmt: skip
    digest = _write(session, row, material, at or now())
    _switch(session, consultation_id)
    return digest


def _previous(session: Session, consultation_id: int, cadence: Cadence) -> Digest | None:
    return session.scalar(
        select(Digest)
        .where(Digest.consultation_id == consultation_id, Digest.cadence == cadence)
        .order_by(Digest.slot_at.desc())
        .limit(1)
    )


def _until(session: Session, consultation_id: int, cadence: Cadence, slot_at: datetime, since: int) -> int:
    """The end of the window: that of the other cadence's digest at the same slot where it still can be, else now."""
    shared = session.scalar(
        select(Digest.until)
        .where(Digest.consultation_id == consultation_id, Digest.slot_at == slot_at, Digest.cadence != cadence)
        .order_by(Digest.id.desc())
        .limit(1)
    )
    if shared is not None and shared >= since and following.follow(
        session, consultation_id=consultation_id, until=shared
    ) == shared:  # fmt: skip
        return shared  # nobody has counted further, and the lock of the analysis keeps it so
    following.follow(session, consultation_id=consultation_id, until=ledger.head(session))  # the bulk, before the lock
    ledger.number_entries(session)
    return following.follow(session, consultation_id=consultation_id, until=ledger.head(session))


def _write(session: Session, row: Consultation, material: Material, at: datetime) -> Digest:
    """The digest as a row, and what goes out with it; an empty one is a row that says so."""
    cadence = Cadence(material.cadence)
    empty = material.news.nothing and cadence is not Cadence.CLOSING
    body = None if empty else compile(material)
    digest = Digest(
        consultation_id=row.id, cadence=cadence, edition=0 if empty else material.edition, slot_at=material.slot_at,
        since=material.since, until=material.until, empty=empty, body=body.data if body else {}, compiled_at=at,
    )  # fmt: skip
    session.add(digest)
    session.flush()
    if body is None:
        return digest
    readers = _readers(session, digest)
    sent = letters.write(session, digest, readers)
    if sent:
        session.execute(insert(Delivery), [
            {"digest_id": digest.id, "subscription_id": subscription_id, "letter_id": letter_id}
            for subscription_id, letter_id in sent.items()
        ])  # fmt: skip
    ledger.record(
        session, Kind.DIGEST_COMPILED, subject_id=digest.id, consultation_id=row.id, commitment=body.sha256, at=at,
        detail={"cadence": str(cadence), "edition": digest.edition, "since": digest.since, "until": digest.until,
                "letters": len(sent)},
    )  # fmt: skip
    return digest


def _readers(session: Session, digest: Digest) -> Sequence[letters.Reader]:
    """Who is sent this digest: subscribed before its slot, and still somebody who may read it."""
    rows = session.execute(
        select(Subscription, Account)
        .join(Account, Account.id == Subscription.account_id)
        .where(
            Subscription.consultation_id == digest.consultation_id, Subscription.cadence == digest.cadence,
            Subscription.ended_at.is_(None), Subscription.created_at < digest.slot_at, Account.verified_at.is_not(None),
        )
        .order_by(Subscription.id)
    )  # fmt: skip
    return [
        letters.Reader(row.id, row.language, account.email_sealed)
        for row, account in rows
        if permits(Allow.POLICYMAKER, account.role)
    ]


def _switch(session: Session, consultation_id: int) -> None:
    """Wished-for changes of cadence begin where both series have told everything up to the same entry."""
    wishes = session.scalars(
        select(Subscription).where(
            Subscription.consultation_id == consultation_id, Subscription.next_cadence.is_not(None)
        )
    ).all()
    for row in wishes:
        ends = [_previous(session, consultation_id, cadence) for cadence in (row.cadence, row.next_cadence) if cadence]
        if all(ends) and len({digest.until for digest in ends if digest}) == 1:
            row.cadence, row.next_cadence = row.next_cadence or row.cadence, None


def due(session: Session, *, at: datetime) -> Sequence[Due]:
    """The slots that have passed and have no digest yet, the earliest first: the latest slot of each series."""
    wish = aliased(Subscription)
    wanted = select(Subscription.consultation_id, Subscription.cadence, Subscription.created_at).where(
        Subscription.ended_at.is_(None)
    )
    wished = select(wish.consultation_id, wish.next_cadence, wish.created_at).where(
        wish.ended_at.is_(None), wish.next_cadence.is_not(None)
    )
    series = wanted.union_all(wished).subquery()
    last = (
        select(Digest.consultation_id, Digest.cadence, func.max(Digest.slot_at).label("slot_at"))
        .group_by(Digest.consultation_id, Digest.cadence)
        .subquery()
    )
    rows = session.execute(
        select(
            Consultation.id, Consultation.timezone, Consultation.closes_at, series.c.cadence,
            func.min(series.c.created_at), func.min(last.c.slot_at),
        )
        .join(series, series.c.consultation_id == Consultation.id)
        .outerjoin(last, (last.c.consultation_id == Consultation.id) & (last.c.cadence == series.c.cadence))
        .group_by(Consultation.id, series.c.cadence)
    )  # fmt: skip
    found = []
    for number, zone, closes_at, cadence, begun, done in rows:
        slot = slots.latest(cadence, at, zone=zone, closes_at=closes_at)
        if slot is not None and slot > begun and (done is None or slot > done):
            found.append(Due(number, cadence, slot))
    return sorted(found, key=lambda due: (due.slot_at, due.consultation_id, due.cadence))
