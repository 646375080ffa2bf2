"""How long moderators and administrators stay signed in: the words they read are nobody else's business.

The times stand in the signed cookie, to the minute. Nothing of it is kept on the server.
"""

from __future__ import annotations

from typing import Any

from flask import session

from consult.core.access import Allow, Role, permits
from consult.core.clock import now
from consult.core.web import settings

NAMES = ("seen", "begun")


def stays(role: Role) -> bool:
    """Whether this session goes on; notes that somebody is there. False after a time without a page, or after a day."""
    if not permits(Allow.MODERATOR, role):
        return True
    minute = int(now().timestamp()) // 60
    seen, begun = (_minute(session.get(name), minute) for name in NAMES)
    if minute - seen > settings().moderator_idle or minute - begun > settings().moderator_session * 60:
        return False
    if session.get("seen") != minute or session.get("begun") != begun:
        session["seen"], session["begun"] = minute, begun
    return True


def _minute(kept: Any, present: int) -> int:
    """What the cookie says; the present where it says nothing yet, or something of the future."""
    return kept if isinstance(kept, int) and kept <= present else present
