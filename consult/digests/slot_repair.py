"""Frees the slots that a wrong clock used up: an edition of a slot that has not come is moved to the present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from consult.core.db import advisory_lock
from consult.digests.model import Cadence, Delivery, Digest, Subscription, WaitingDigest
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import date_repair as mail_dates


@dataclass(frozen=True)
class FreedSlot:
    """An edition that took a slot before its time. `sent`: letters that cannot be called back."""

    digest_id: int
    consultation_id: int
    cadence: Cadence
    slot_at: datetime
    sent: int
    withdrawn: int
    told_again: bool


@dataclass
class _Early:
    digest: Digest
    letters: Sequence[int]
    sent: int
    told_again: bool = False


def free_slots(session: Session, *, at: datetime) -> Sequence[FreedSlot]:
    """Moves editions of slots after `at` there, so that each right slot is compiled when it comes.

    What was sent stays told. Of the last editions of a series of which nothing was sent, letters are withdrawn and
    the window is given back, so that the next edition tells it; so is that of a closing digest in any case, as what is
    sent on closing tells all.
    """
    wanted = select(Digest).where(Digest.slot_at > at).order_by(Digest.consultation_id, Digest.cadence, Digest.slot_at)
    found: list[FreedSlot] = []
    for number in sorted(set(session.scalars(select(Digest.consultation_id).where(Digest.slot_at > at)))):
        advisory_lock(session, "digests.compile", number)
    for _series, rows in groupby(session.scalars(wanted).all(), key=lambda row: (row.consultation_id, row.cadence)):
        early = [_look(session, row) for row in rows]
        _give_back(early)
        found += [_move(session, each, at + timedelta(microseconds=place)) for place, each in enumerate(early)]
    session.execute(update(Subscription).where(Subscription.created_at > at).values(created_at=at))
    session.flush()
    return found


def _look(session: Session, row: Digest) -> _Early:
    letters = session.scalars(select(Delivery.letter_id).where(Delivery.digest_id == row.id)).all()
    return _Early(row, letters, mail_dates.count_begun(session, letters))


def _give_back(early: Sequence[_Early]) -> None:
    """Empties the windows of the last editions that can be told again: the next one begins where these did."""
    tail: list[_Early] = []
    for each in reversed(early):
        if (each.sent and each.digest.cadence is not Cadence.CLOSING) or each.digest.cadence is Cadence.DEMAND:
            break
        tail.append(each)
    for each in tail:
        each.told_again = True
        each.digest.since = each.digest.until = tail[-1].digest.since


def _move(session: Session, early: _Early, to: datetime) -> FreedSlot:
    row = early.digest
    was, row.slot_at, withdrawn = row.slot_at, to, 0
    if early.told_again:
        withdrawn = mail_dates.withdraw(session, early.letters)
        session.execute(delete(WaitingDigest).where(WaitingDigest.digest_id == row.id))
    detail = {"cadence": str(row.cadence), "slot_was": was.isoformat(), "told_again": early.told_again}
    ledger.record(
        session, Kind.DIGEST_CORRECTED, subject_id=row.id, consultation_id=row.consultation_id, at=to, detail=detail
    )
    return FreedSlot(row.id, row.consultation_id, row.cadence, was, early.sent, withdrawn, early.told_again)
