"""Repair of the dates of e-mail rounds after a wrong clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.mail import date_repair as mail_dates
from consult.responses.model import ResponseReminder, ResponseRound


def free_days(session: Session, *, at: datetime) -> int:
    """Move rounds and reminders with future dates to earlier days, and return their number.

    A round keeps its entries, so nothing is sent again. Unsent reminders are withdrawn.
    """
    freed = 0
    rows = session.execute(
        select(ResponseRound, Consultation.timezone)
        .join(Consultation, Consultation.id == ResponseRound.consultation_id)
        .where(ResponseRound.made_at > at)
        .order_by(ResponseRound.day)
    ).all()
    for row, zone in rows:
        today = at.astimezone(ZoneInfo(zone)).date()
        if row.day > today:
            row.day = next(_free_days(session, row.consultation_id, today))
            session.flush()
            freed += 1
    for day in session.scalars(select(ResponseReminder.day).where(ResponseReminder.day > at.date())).all():
        mail_dates.withdraw(session, mail_dates.list_waiting(session, "owed:", f":{day.isoformat()}"))
        session.execute(delete(ResponseReminder).where(ResponseReminder.day == day))
        freed += 1
    return freed


def _free_days(session: Session, consultation_id: int, today: date) -> Iterator[date]:
    """Yield days up to today without a round, latest first."""
    taken = set(session.scalars(select(ResponseRound.day).where(ResponseRound.consultation_id == consultation_id)))
    day = today
    while True:
        if day not in taken:
            yield day
        day -= timedelta(days=1)
