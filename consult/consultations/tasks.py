"""The clock's chore: say that a consultation has opened or closed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.consultations import service
from consult.core.clock import every, now


@every(seconds=10)
def announce(session: Session) -> None:
    service.announce(session, at=now())
