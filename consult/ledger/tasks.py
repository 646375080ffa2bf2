"""The ledger's chore: numbers follow the order of commits within seconds."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.ledger import service


@every(seconds=3)
def number(session: Session) -> None:
    service.number_entries(session)
