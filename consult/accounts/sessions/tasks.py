"""Periodic task: delete expired sessions."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.accounts.sessions import service
from consult.core.clock import every
from consult.core.web.requests import settings


@every(seconds=3600)
def forget_sessions(session: Session) -> None:
    service.forget_ended(session, limited_hours=settings().moderator_session)
