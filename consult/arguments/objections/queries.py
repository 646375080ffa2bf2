"""Reads of objections: open ones for those who work on arguments, all of a submission for its author, their numbers."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.arguments.objections.model import ArgumentObjection


def count_open(session: Session, consultation_id: int) -> int:
    """How many wait for somebody to look at them; what is no longer said is not among them."""
    return (
        session.scalar(
            select(func.count())
            .select_from(ArgumentObjection)
            .where(
                ArgumentObjection.consultation_id == consultation_id,
                ArgumentObjection.outcome.is_(None),
                ArgumentObjection.claim_id.is_not(None),
            )
        )
        or 0
    )
