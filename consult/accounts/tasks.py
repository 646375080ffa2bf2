"""Periodic task: delete expired links with their e-mail addresses."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from consult.accounts import links
from consult.core.clock import every, now


@every(seconds=3600)
def forget_links(session: Session) -> None:
    links.forget_expired(session, before=now() - timedelta(days=1))
