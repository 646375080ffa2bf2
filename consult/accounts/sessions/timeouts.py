"""Idle and absolute session timeouts for moderators and administrators, who read unpublished words.

The times are in the signed cookie, to the minute, from the answer of the sign-in on; the server keeps hours only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import session

from consult.accounts.sessions.service import LIMITED_ROLES
from consult.core.clock import now
from consult.core.web.access import Role
from consult.core.web.requests import settings

SESSION_KEYS = ("seen", "begun")


def start(role: Role) -> None:
    """Writes the present minute into the cookie of a session that begins."""
    if role in LIMITED_ROLES:
        session["seen"] = session["begun"] = _minute(now())


def is_session_active(role: Role, begun_at: datetime) -> bool:
    """Whether this session is still valid; records the activity. False after the idle time, or after a day.

    A cookie without times, as of somebody who was made a moderator since, has those of its session at the server.
    """
    if role not in LIMITED_ROLES:
        return True
    minute, first = _minute(now()), _minute(begun_at)
    begun = _kept_minute(session.get("begun"), minute, first)
    seen = _kept_minute(session.get("seen"), minute, begun)
    if minute - seen > settings().moderator_idle or minute - begun > settings().moderator_session * 60:
        return False
    if session.get("seen") != minute or session.get("begun") != begun:
        session["seen"], session["begun"] = minute, begun
    return True


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def _kept_minute(kept: Any, present: int, otherwise: int) -> int:
    """The minute in the cookie; another one if it has none, or one of the future."""
    return kept if isinstance(kept, int) and kept <= present else otherwise
