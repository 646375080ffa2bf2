"""Setting of a consultation for anonymous submissions, recorded in the ledger."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation, Phase
from consult.consultations.service import lock_owned
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.ledger import service as ledger
from consult.ledger.model import Kind


def set_no_identity(session: Session, *, number: int, by: Account, allowed: bool) -> Consultation:
    """Turn the anonymous form on or off. Past submissions are kept. After publication the ledger records it."""
    return _set_field(session, number, by, "no_identity", allowed)


def _set_field(session: Session, number: int, by: Account, name: str, value: object) -> Consultation:
    row = lock_owned(session, number, by)
    if "safety" not in row.settled:
        row.settled = [*row.settled, "safety"]
    if getattr(row, name) == value:
        return row
    setattr(row, name, value)
    if row.phase is not Phase.DRAFT:
        ledger.record(
            session,
            Kind.CONSULTATION_CHANGED,
            subject_id=row.id,
            consultation_id=row.id,
            actor=pseudonym("account", by.id),
            at=now(),
            detail={"changed": [name]},
        )
    session.flush()
    return row
