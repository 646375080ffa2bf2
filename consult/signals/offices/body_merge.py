"""Transfer of offices when a body is merged into another."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from consult.signals.model import SignalWarning
from consult.signals.offices.model import SignalOffice, SignalSeat


def move(session: Session, body_id: int, into_id: int) -> None:
    """Transfer the offices of a body. In a country where the other body has one too, that one keeps all people."""
    kept = aliased(SignalOffice)
    both = select(SignalOffice, kept).join(kept, kept.country == SignalOffice.country)
    for office, other in session.execute(both.where(SignalOffice.body_id == body_id, kept.body_id == into_id)):
        for table in (SignalSeat, SignalWarning):
            session.execute(update(table).where(table.office_id == office.id).values(office_id=other.id))
        session.delete(office)
    session.flush()
    session.execute(update(SignalOffice).where(SignalOffice.body_id == body_id).values(body_id=into_id))
