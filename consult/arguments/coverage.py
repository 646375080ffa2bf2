# ruff: noqa: S608 - statements put together from constants of this file
"""Progress of a consultation's arguments, and how many submissions they cover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis.argued_counts import mark_texts_sql
from consult.arguments.service import FOLLOWER

_MOVED_TEXTS = """SELECT DISTINCT text_hash, EXISTS (
                SELECT 1 FROM claim c WHERE c.consultation_id = :consultation AND c.text_hash = moved.text_hash
                    AND c.argument_id IS NOT NULL AND c.campaign_id IS NULL
            ) AS argued FROM moved"""
_COVER = text(
    f"""
    WITH moved AS (
        DELETE FROM claim_moved WHERE consultation_id = :consultation RETURNING text_hash
    ), {mark_texts_sql(_MOVED_TEXTS)}
    """
)
_PROGRESS = text(
    """
    SELECT coalesce((SELECT upto FROM readable_follower
            WHERE name = :name AND consultation_id = :consultation), 1) AS upto,
        ARRAY(SELECT DISTINCT encoder FROM argument_ground WHERE consultation_id = :consultation AND rule > 0
            ORDER BY encoder) AS encoders,
        EXISTS (SELECT FROM claim_moved WHERE consultation_id = :consultation) AS moved
    """
)


class ArgumentProgress(NamedTuple):
    """The progress of a consultation's arguments.

    The last processed ledger entry, the encoders used besides words, and whether texts joined or left an argument since
    coverage was counted.
    """

    upto: int
    encoders: Sequence[str]
    moved: bool


def get_progress(session: Session, consultation_id: int) -> ArgumentProgress:
    """Return the progress of a consultation's arguments."""
    return ArgumentProgress(*session.execute(_PROGRESS, {"name": FOLLOWER.name, "consultation": consultation_id}).one())


def update_coverage(session: Session, consultation_id: int) -> None:
    """Recount coverage for texts with statements that joined or left an argument. The cost is that of these texts.

    Callers hold the lock of the analysis, whose counts are changed.
    """
    session.execute(_COVER, {"consultation": consultation_id})
