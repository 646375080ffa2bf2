"""Roles that people give to lines, which correct those that software found."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis.model import LineChoice, TextGroup
from consult.analysis.text.kept_words import LineChoices, hash_line
from consult.analysis.text.line_roles import LineRole
from consult.core.clock import now


def choose_role(
    session: Session, *, account: Account, consultation_id: int, text_hash: bytes, line: str, role: LineRole
) -> None:
    """Store the role that a person gives to a line, and mark the texts of the consultation to be read again.

    The role applies to the same line in all texts of the consultation. The last choice is used. Safe to repeat.
    """
    chosen = {"role": role, "chosen_by": account.id, "chosen_at": now()}
    where = {"consultation_id": consultation_id, "text_hash": text_hash, "line_hash": hash_line(line)}
    session.execute(
        insert(LineChoice).values(**where, **chosen).on_conflict_do_update(index_elements=list(where), set_=chosen)
    )
    session.execute(update(TextGroup).where(TextGroup.consultation_id == consultation_id).values(placed=0))


def load_choices(session: Session, consultation_id: int) -> LineChoices:
    """Return the roles that people gave to lines of a consultation. If a line has several, the last one is returned."""
    rows = session.execute(
        select(LineChoice.line_hash, LineChoice.role)
        .where(LineChoice.consultation_id == consultation_id)
        .order_by(LineChoice.chosen_at, LineChoice.text_hash)
    )
    return tuple(sorted({bytes(key): role for key, role in rows}.items()))
