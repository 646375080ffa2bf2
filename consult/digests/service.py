"""Digests: compile one window into one edition, and list those that are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import DateTime, bindparam, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased, make_transient_to_detached

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import advisory_lock, literal_number
from consult.core.logs import log
from consult.core.web.access import Allow, is_allowed
from consult.digests import count_queries, schedule
from consult.digests import letters as delivery_letters
from consult.digests.content import body_json
from consult.digests.content.body import Body
from consult.digests.content.collection import collect_input
from consult.digests.content.compilation import compile_body
from consult.digests.content.material import DigestInput, DoesNotAddUp
from consult.digests.model import (
    Cadence,
    Delivery,
    Digest,
    DigestPreferences,
    RefusedDigest,
    Subscription,
    WaitingDigest,
)
from consult.digests.render import current_quotes
from consult.ledger import service as ledger
from consult.ledger.kinds import bind_kinds
from consult.ledger.model import Kind

_AT_ONCE = bind_kinds(
    """
    SELECT s.consultation_id, greatest(e.first, pause.until) AS slot FROM (
        SELECT consultation_id, min(created_at) AS since, min(at) AS urgent
        FROM subscription JOIN early_warning USING (consultation_id)
        WHERE ended_at IS NULL AND 'immediate' IN (cadence, next_cadence) GROUP BY consultation_id
    ) AS s LEFT JOIN LATERAL (
        SELECT until, slot_at FROM digest d WHERE d.consultation_id = s.consultation_id AND d.cadence = 'immediate'
        ORDER BY slot_at DESC LIMIT 1
    ) AS last ON true CROSS JOIN LATERAL (
        SELECT least(last.slot_at + interval '15 minutes', CASE WHEN s.urgent > last.slot_at THEN s.urgent END) AS until
    ) AS pause CROSS JOIN LATERAL (
        SELECT min(at) AS first FROM (
            SELECT at, kind, consultation_id FROM readable_ledger
            WHERE consultation_id = s.consultation_id AND number >= coalesce(last.until, 1)
            UNION ALL SELECT at, kind, consultation_id FROM readable_ledger WHERE number IS NULL
        ) AS untold
        WHERE consultation_id = s.consultation_id AND kind = :PUBLISHED AND at > s.since
    ) AS e
    WHERE greatest(e.first, pause.until) <= :at AND e.first IS NOT NULL
    """
)
"""Selects early warnings with unsent publications: due immediately, but at most once in fifteen minutes.

Urgent news (`EarlyWarning.at`) ends the pause after the last e-mail.
"""
_ENDS = text(
    f"""
    SELECT {ledger.HEAD_SQL} AS head, (
        SELECT until FROM digest WHERE consultation_id = :consultation AND slot_at = :slot AND cadence <> :cadence
        ORDER BY id DESC LIMIT 1
    ) AS shared
    """  # noqa: S608 - put together from constants
)
_KEEP = text(
    """
    INSERT INTO digest (consultation_id, cadence, edition, slot_at, since, until, empty, body, compiled_at)
    VALUES (:consultation_id, :cadence, :edition, :slot_at, :since, :until, :empty, CAST(:body AS jsonb), :compiled_at)
    RETURNING id
    """
)
"""Stores an edition, once, in the form from which its fingerprint is computed."""
_QUOTE = text(
    """
    INSERT INTO digest_quote (digest_id, comment_id, submission_id, sha256)
    SELECT :digest, comment, submission, decode(hash, 'hex') FROM unnest(
        CAST(:comments AS bigint[]), CAST(:submissions AS bigint[]), CAST(:hashes AS text[])
    ) AS quote (comment, submission, hash)
    """
)
"""Takes PostgreSQL arrays in text form, because the driver would build them value by value."""


@dataclass(frozen=True)
class DueSlot:
    """A slot that needs a digest."""

    consultation_id: int
    cadence: Cadence
    slot_at: datetime


def compile_digest(
    session: Session, *, consultation_id: int, cadence: Cadence, slot_at: datetime, at: datetime | None = None
) -> Digest | None:
    """Return the digest of a slot, compiling it if needed, or None if a later slot was compiled already.

    The window continues from the last one of this cadence and includes everything committed. E-mails, deliveries and
    the start of the next window are in the same transaction. Raises DoesNotAddUp.
    """
    advisory_lock(session, "digests.compile", consultation_id)
    digest = _compile(session, consultation_id, cadence, slot_at, at)
    if cadence in (Cadence.DAILY, Cadence.WEEKLY) and (wishes := _list_cadence_changes(session, consultation_id)):
        if any(Cadence.IMMEDIATE in (row.cadence, row.next_cadence) for row in wishes):
            _compile(session, consultation_id, Cadence.IMMEDIATE, slot_at, at)  # this slot meets another series
        _apply_cadence_changes(session, consultation_id, wishes)
    return digest


def try_compile(session: Session, *, consultation_id: int, cadence: Cadence, slot_at: datetime) -> Digest | None:
    """Compile the digest of a slot. If its numbers contradict each other, record that for /health and return None."""
    series = {"consultation_id": consultation_id, "cadence": cadence}
    try:
        made = compile_digest(session, consultation_id=consultation_id, cadence=cadence, slot_at=slot_at)
    except DoesNotAddUp as error:
        log.error("digests.does_not_add_up", consultation=consultation_id, cadence=str(cadence))
        session.rollback()
        row = insert(RefusedDigest).values(**series, slot_at=slot_at, reason=str(error)[:2000], at=now())
        last = {name: row.excluded[name] for name in ("slot_at", "reason", "at")}
        session.execute(row.on_conflict_do_update(index_elements=list(series), set_=last))
        return None
    session.execute(delete(RefusedDigest).filter_by(**series))
    return made


def _compile(
    session: Session, consultation_id: int, cadence: Cadence, slot_at: datetime, at: datetime | None
) -> Digest | None:
    previous = _previous(session, consultation_id, cadence)
    if previous is not None and previous.slot_at >= slot_at:
        return previous if previous.slot_at == slot_at else None
    row = session.get_one(Consultation, consultation_id)
    since = previous.until if previous else 1
    until = _until(session, consultation_id, cadence, slot_at, since)
    told = _last_nonempty(session, previous)
    material = collect_input(
        session,
        row,
        cadence=cadence,
        edition=told.edition + 1 if told else 1,
        slot_at=slot_at,
        since=since,
        until=until,
        from_at=previous.slot_at if previous else min(row.opens_at, slot_at),
        before=told.body if told else None,
    )
    return _write(session, row, material, at or now())


def _last_nonempty(session: Session, previous: Digest | None) -> Digest | None:
    """Return the last digest of the series that was not empty, or None."""
    if previous is None or not previous.empty:
        return previous
    return session.scalar(
        select(Digest)
        .where(Digest.consultation_id == previous.consultation_id, Digest.cadence == previous.cadence, ~Digest.empty)
        .order_by(Digest.slot_at.desc())
        .limit(1)
    )


def _previous(session: Session, consultation_id: int, cadence: Cadence) -> Digest | None:
    row: Digest | None = session.scalar(_latest(), {"of": consultation_id, "cadence": cadence})
    return row


@lru_cache(maxsize=1)
def _latest() -> Any:
    series = (Digest.consultation_id == bindparam("of"), Digest.cadence == bindparam("cadence"))
    return select(Digest).where(*series).order_by(Digest.slot_at.desc()).limit(literal_number(1))


def _until(session: Session, consultation_id: int, cadence: Cadence, slot_at: datetime, since: int) -> int:
    """Return the end of the window: that of the other cadence's digest at the same slot if possible, else now."""
    asked = {"consultation": consultation_id, "slot": slot_at, "cadence": str(cadence)}
    head, shared = (int(end or 0) for end in session.execute(_ENDS, asked).one())
    if (
        shared >= since
        and count_queries.FOLLOWER.follow(session, consultation_id=consultation_id, until=shared) == shared
    ):
        return shared  # guaranteed by the lock of the analysis
    return count_queries.count_to_head(session, consultation_id, head)


def _write(session: Session, row: Consultation, material: DigestInput, at: datetime) -> Digest:
    """Store the digest and queue its e-mails. An empty digest is stored without any."""
    cadence = Cadence(material.cadence)
    body = None if _is_quiet(material) else current_quotes.key_hashes(compile_body(material))
    told: dict[str, object] = {
        "consultation_id": row.id,
        "cadence": cadence,
        "edition": material.edition if body else 0,
        "compiled_at": at,
        "slot_at": material.slot_at,
        "since": material.since,
        "until": material.until,
        "empty": body is None,
    }
    form = body_json.canonical_form(body) if body else b"{}"
    given = {**told, "cadence": str(cadence), "body": form.decode()}
    digest = Digest(id=session.execute(_KEEP, given).scalar_one(), body=body, **told)
    make_transient_to_detached(digest)  # as if loaded from the database
    session.add(digest)
    if body is None:
        return digest
    _record_quotes(session, digest, body)
    sent = _write_letters(session, digest)
    ledger.record(
        session,
        Kind.DIGEST_COMPILED,
        subject_id=digest.id,
        consultation_id=row.id,
        commitment=sha256(form).digest(),
        at=at,
        detail={
            "cadence": str(cadence),
            "edition": digest.edition,
            "since": digest.since,
            "until": digest.until,
            "letters": sent,
        },
    )
    return digest


def _is_quiet(material: DigestInput) -> bool:
    """Return True if the edition is empty and need not be sent."""
    told_anyway = material.cadence in (Cadence.CLOSING, Cadence.DEMAND)
    return material.news.nothing and not material.errata and not material.answered and not told_anyway


def _record_quotes(session: Session, digest: Digest, body: Body) -> None:
    """Record the quoted comments of a digest, so that later changes become errata."""
    found = {quote.comment: quote for quote in current_quotes.iterate_quotes(body)}
    if found:
        columns = zip(*((number, one.submission, one.sha256) for number, one in found.items()), strict=True)
        comments, submissions, hashes = (f"{{{','.join(map(str, column))}}}" for column in columns)
        given = {"digest": digest.id, "comments": comments, "submissions": submissions, "hashes": hashes}
        session.execute(_QUOTE, given)


def _write_letters(session: Session, digest: Digest) -> int:
    """Queue the e-mails of a digest. For readers with combined e-mails, record that it waits for others."""
    readers = _readers(session, digest)
    sent = delivery_letters.write_letters(session, digest, [reader for reader in readers if not reader.joined])
    if sent:
        session.execute(
            insert(Delivery),
            [
                {"digest_id": digest.id, "subscription_id": subscription_id, "letter_id": letter_id}
                for subscription_id, letter_id in sent.items()
            ],
        )
    if waiting := [reader for reader in readers if reader.joined]:
        session.execute(
            insert(WaitingDigest),
            [
                {"digest_id": digest.id, "subscription_id": reader.subscription_id, "account_id": reader.account_id}
                for reader in waiting
            ],
        )
    return len(sent)


def _readers(session: Session, digest: Digest) -> Sequence[delivery_letters.DigestRecipient]:
    """Return the recipients of a digest: subscribed before its slot, and still allowed to read it."""
    asked = {"consultation": digest.consultation_id, "cadence": digest.cadence, "slot": digest.slot_at}
    rows = session.execute(_select_readers(), asked)
    return [
        delivery_letters.DigestRecipient(
            number, language, sealed, account_id, bool(joined) and digest.cadence in (Cadence.DAILY, Cadence.WEEKLY)
        )
        for number, language, sealed, account_id, role, joined in rows
        if is_allowed(Allow.POLICYMAKER, role)
    ]


@lru_cache(maxsize=1)
def _select_readers() -> Any:
    """Return a query for active subscriptions from before a slot, with their accounts.

    The encrypted address is read through its model.
    """
    slot = bindparam("slot", type_=DateTime(timezone=True))
    return (
        select(
            Subscription.id,
            Subscription.language,
            Account.email_sealed,
            Account.id,
            Account.role,
            DigestPreferences.joined,
        )
        .join(Account, Account.id == Subscription.account_id)
        .outerjoin(DigestPreferences, DigestPreferences.account_id == Account.id)
        .where(
            Subscription.consultation_id == bindparam("consultation"),
            Subscription.cadence == bindparam("cadence"),
            Subscription.ended_at.is_(None),
            Subscription.created_at < slot,
            or_(Subscription.paused_until.is_(None), Subscription.paused_until <= slot),
            Account.verified_at.is_not(None),
        )
        .order_by(Subscription.id)
    )


def _list_cadence_changes(session: Session, consultation_id: int) -> Sequence[Subscription]:
    """Return subscriptions with a pending change of cadence."""
    return session.scalars(_select_cadence_changes(), {"of": consultation_id}).all()


@lru_cache(maxsize=1)
def _select_cadence_changes() -> Any:
    of_it = Subscription.consultation_id == bindparam("of")
    return select(Subscription).where(of_it, Subscription.next_cadence.is_not(None))


def _apply_cadence_changes(session: Session, consultation_id: int, wishes: Sequence[Subscription]) -> None:
    """Apply pending changes of cadence once both series have covered the same entries."""
    for row in wishes:
        ends = [_previous(session, consultation_id, cadence) for cadence in (row.cadence, row.next_cadence) if cadence]
        if all(ends) and len({digest.until for digest in ends if digest}) == 1:
            row.cadence, row.next_cadence = row.next_cadence or row.cadence, None


def list_due(session: Session, *, at: datetime) -> Sequence[DueSlot]:
    """Return past slots without a digest, earliest first: the latest slot of each series."""
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
            Consultation.id,
            Consultation.timezone,
            Consultation.closes_at,
            series.c.cadence,
            func.min(series.c.created_at),
            func.min(last.c.slot_at),
        )
        .join(series, series.c.consultation_id == Consultation.id)
        .outerjoin(last, (last.c.consultation_id == Consultation.id) & (last.c.cadence == series.c.cadence))
        .group_by(Consultation.id, series.c.cadence)
    )
    found = []
    for number, zone, closes_at, cadence, begun, done in rows:
        if cadence is Cadence.IMMEDIATE:
            continue
        slot = schedule.latest_slot(cadence, at, zone=zone, closes_at=closes_at)
        if slot is not None and slot > begun and (done is None or slot > done):
            found.append(DueSlot(number, cadence, slot))
    found += [DueSlot(number, Cadence.IMMEDIATE, slot) for number, slot in session.execute(_AT_ONCE, {"at": at})]
    return sorted(found, key=lambda due: (due.slot_at, due.consultation_id, due.cadence))
