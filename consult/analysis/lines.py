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
    """Stores the role that a person gives to a line, and has the texts of the consultation read again.

    It holds for the same line in every text. The last choice holds. Safe to repeat.
    """
    chosen = {"role": role, "chosen_by": account.id, "chosen_at": now()}
    where = {"consultation_id": consultation_id, "text_hash": text_hash, "line_hash": hash_line(line)}
    session.execute(
        insert(LineChoice).values(**where, **chosen).on_conflict_do_update(index_elements=list(where), set_=chosen)
    )
    session.execute(update(TextGroup).where(TextGroup.consultation_id == consultation_id).values(placed=0))


def load_choices(session: Session, consultation_id: int) -> LineChoices:
    """The roles that people gave to lines of a consultation; of one line, the last."""
    rows = session.execute(
        select(LineChoice.line_hash, LineChoice.role)
        .where(LineChoice.consultation_id == consultation_id)
        .order_by(LineChoice.chosen_at, LineChoice.text_hash)
    )
    return tuple(sorted({bytes(key): role for key, role in rows}.items()))
