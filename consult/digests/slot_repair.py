"""Frees slots used up by a wrong clock: editions of future slots are moved to the present."""

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
    """An edition that took a slot early. `sent` is the number of e-mails that cannot be recalled."""

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
    """Move editions of slots after `at` to that time, so that each slot is compiled when it comes.

    What was sent is not repeated. If nothing of a series' last editions was sent, their e-mails are cancelled and their
    windows are emptied, so that the next edition covers them. The window of a closing digest is always emptied, since
    that digest covers everything.
    """
    wanted = select(Digest).where(Digest.slot_at > at).order_by(Digest.consultation_id, Digest.cadence, Digest.slot_at)
    slots: list[FreedSlot] = []
    for number in sorted(set(session.scalars(select(Digest.consultation_id).where(Digest.slot_at > at)))):
        advisory_lock(session, "digests.compile", number)
    for _series, rows in groupby(session.scalars(wanted).all(), key=lambda row: (row.consultation_id, row.cadence)):
        early = [_look(session, row) for row in rows]
        _give_back(early)
        slots += [_move(session, each, at + timedelta(microseconds=place)) for place, each in enumerate(early)]
    session.execute(update(Subscription).where(Subscription.created_at > at).values(created_at=at))
    session.flush()
    return slots


def _look(session: Session, row: Digest) -> _Early:
    letters = session.scalars(select(Delivery.letter_id).where(Delivery.digest_id == row.id)).all()
    return _Early(row, letters, mail_dates.count_begun(session, letters))


def _give_back(early: Sequence[_Early]) -> None:
    """Empty the windows of the last editions that can be repeated, so that the next one starts where they did."""
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
