"""Periodic task: delete sign-in attempts that were not completed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.accounts.single_sign_on import service
from consult.core.clock import every


@every(seconds=3600)
def forget_attempts(session: Session) -> None:
    service.forget_attempts(session)
