"""The verbs of the analysis: follow the ledger of a consultation up to a number."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.analysis.following import CAMPAIGN, FOLLOW
from consult.analysis.model import Cursor
from consult.core.db import lock

_STEP = 50_000


def follow(session: Session, *, consultation_id: int, until: int) -> int:
    """Counts the consultation's entries below `until` that were not counted yet; gives the number it is now at.

    Serial per consultation, and safe to repeat: what is counted is never counted again, and the position moves in the
    transaction that counts. A position beyond `until` stays where it is.
    """
    lock(session, "analysis.follow", consultation_id)
    at = session.scalar(select(Cursor.upto).where(Cursor.consultation_id == consultation_id)) or 1
    while at < until:
        step = min(until, at + _STEP)
        session.execute(FOLLOW, {"consultation": consultation_id, "since": at, "until": step, "campaign": CAMPAIGN})
        at = step
    return at
