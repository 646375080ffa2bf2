"""Repair of openings, closings and reminders that happened early because of a wrong clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.followers.service import REMINDER_LEAD, reminder_key
from consult.consultations.model import Consultation, Phase
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import date_repair as mail_dates


@dataclass(frozen=True)
class RepairedPhase:
    """A consultation whose phase was corrected to match its dates."""

    slug: str
    was: Phase
    phase: Phase


def restore_phases(session: Session, *, at: datetime) -> Sequence[RepairedPhase]:
    """Correct the phase of consultations that were advanced early, with a ledger entry."""
    early = (Consultation.phase == Phase.CLOSED) & (Consultation.closes_at > at) | (
        Consultation.phase == Phase.OPEN
    ) & (Consultation.opens_at > at)
    found = []
    for row in session.scalars(select(Consultation).where(early).order_by(Consultation.id).with_for_update()):
        was, row.phase = row.phase, Phase.OPEN if row.opens_at <= at else Phase.UPCOMING
        kind = Kind.CONSULTATION_REOPENED if row.phase is Phase.OPEN else Kind.CONSULTATION_OPENING_UNDONE
        detail = {"was": str(was), "phase": str(row.phase)}
        ledger.record(session, kind, subject_id=row.id, consultation_id=row.id, at=at, detail=detail)
        found.append(RepairedPhase(row.slug, was, row.phase))
    session.flush()
    return found


def undo_reminders(session: Session, *, at: datetime) -> int:
    """Allow reminders that were sent early to be sent at the right time. Return the number of cancelled e-mails."""
    early = (Consultation.reminded_for == Consultation.closes_at) & (Consultation.closes_at > at + REMINDER_LEAD)
    withdrawn = 0
    for row in session.scalars(select(Consultation).where(early).order_by(Consultation.id).with_for_update()):
        withdrawn += mail_dates.withdraw(session, mail_dates.list_waiting(session, f"{reminder_key(row)}:"))
        row.reminded_for = None
    session.flush()
    return withdrawn
