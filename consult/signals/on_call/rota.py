"""The rota of people on call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.signals.offices.model import SignalSeat
from consult.signals.on_call.model import SignalDuty


def list_duties(session: Session, *, since: date) -> Sequence[SignalDuty]:
    """Return the turns that end on a day or later, in order."""
    rows = select(SignalDuty).where(SignalDuty.ends_on >= since)
    return session.scalars(rows.order_by(SignalDuty.starts_on, SignalDuty.position, SignalDuty.id)).all()


def add(session: Session, *, account_id: int, position: int, starts_on: date, ends_on: date) -> None:
    """Add a turn of an assessor. Days are inclusive, in UTC. Raises a Refusal."""
    if session.get(SignalSeat, account_id) is None:
        raise Refusal(_("Choose an assessor."), field="account")
    if ends_on < starts_on:
        raise Refusal(_("The last day must not be before the first."), field="ends_on")
    session.add(SignalDuty(account_id=account_id, position=position, starts_on=starts_on, ends_on=ends_on))
    session.flush()


def remove(session: Session, number: int) -> None:
    """Remove a turn. Safe to repeat."""
    session.execute(delete(SignalDuty).where(SignalDuty.id == number))
