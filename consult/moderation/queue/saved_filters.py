"""Saved filters of a moderator."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.moderation.model import SavedFilter
from consult.moderation.queue.filters import QueueFilter

MOST = 20


def save(session: Session, *, moderator: Account, name: str, queue_filter: QueueFilter) -> None:
    """Save a filter under a name, replacing the one with the same name. Raises a Refusal."""
    many = select(func.count()).where(SavedFilter.account_id == moderator.id, SavedFilter.name != name)
    if (session.scalar(many) or 0) >= MOST:
        raise Refusal(_("You have 20 filters, the most allowed. Delete one first."))
    row = insert(SavedFilter).values(account_id=moderator.id, name=name, query=queue_filter.address)
    again = row.on_conflict_do_update(index_elements=["account_id", "name"], set_={"query": queue_filter.address})
    session.execute(again)


def forget(session: Session, *, moderator: Account, name: str) -> None:
    """Delete a saved filter. Safe to repeat."""
    session.execute(delete(SavedFilter).where(SavedFilter.account_id == moderator.id, SavedFilter.name == name))
