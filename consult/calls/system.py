"""Calls for comments as a system that the operator can switch off."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.calls.model import CommentCall
from consult.core.clock import now
from consult.core.i18n import N_, ngettext
from consult.core.web.systems import Duty, System


def _list_duties(session: Session) -> Sequence[Duty]:
    """Return the number of open calls as a duty. Only their organisations can close them earlier."""
    is_running = (CommentCall.opened_at.is_not(None), CommentCall.closed_at.is_(None), CommentCall.ends_at > now())
    running = session.scalar(select(func.count()).where(*is_running)) or 0
    words = ngettext("%(num)s open call for comments", "%(num)s open calls for comments", running)
    return [Duty(words, "")] if running else []


SYSTEM = System(
    "calls",
    N_("Calls for comments"),
    N_("Pages on which organisations ask people to comment in their own words."),
    N_("This site does not use calls for comments."),
    _list_duties,
)
