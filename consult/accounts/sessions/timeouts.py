"""Idle and absolute session timeouts for moderators and administrators, who read unpublished submissions.

The times are stored to the minute in the signed cookie; the server stores hours only.
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
    """Store the current minute in the cookie of a new session if the role is limited."""
    if role in LIMITED_ROLES:
        session["seen"] = session["begun"] = _minute(now())


def is_session_active(role: Role, begun_at: datetime) -> bool:
    """Return True if the session is still valid, and record the activity.

    Sessions of limited roles end after the idle time or one day. A cookie without times, as of a person who became a
    moderator after signing in, uses the times of the server-side session.
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
    """Return the minute in the cookie, or `otherwise` if it is missing or in the future."""
    return kept if isinstance(kept, int) and kept <= present else otherwise
