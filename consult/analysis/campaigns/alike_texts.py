"""Queries for texts that are unusually similar in meaning to a campaign letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class AlikeTexts:
    """Texts compared with a letter by meaning: the unusually similar ones, and the number expected by chance."""

    compared: int
    found: int
    expected: int
    submissions: Sequence[tuple[int, str]] = ()
    """ID and reference of the most similar submissions."""


_FOUND = text(
    """
    SELECT a.meanings, a.meanings_by_chance / nullif(a.meaning_letters, 0) AS expected, found.*
    FROM analysis_state a LEFT JOIN LATERAL (
        SELECT g.sample_id, s.reference FROM alike_text t JOIN text_group g USING (consultation_id, text_hash)
        JOIN readable_submission s ON s.id = g.sample_id
        WHERE t.consultation_id = a.consultation_id AND t.campaign_id = :campaign AND g.published > 0
            AND g.campaign_id IS NULL
        ORDER BY t.score DESC, t.text_hash
    ) AS found ON true
    WHERE a.consultation_id = :consultation AND a.meanings > 0 AND a.meaning_letters > 0
    """
)
_SHOWN = 20
_COUNTED = text(
    """
    SELECT l.id, a.meanings, a.meanings_by_chance / a.meaning_letters AS expected, (
        SELECT count(*) FROM alike_text t JOIN text_group g USING (consultation_id, text_hash)
        WHERE t.consultation_id = l.consultation_id AND t.campaign_id = l.id AND g.published > 0
            AND g.campaign_id IS NULL
    ) AS found
    FROM campaign l JOIN analysis_state a USING (consultation_id)
    WHERE l.id = ANY(:campaigns) AND NOT l.template AND a.meanings > 0 AND a.meaning_letters > 0
    """
)


def describe_alike(session: Session, consultation_id: int, campaign_id: int) -> AlikeTexts | None:
    """Return the texts similar to a letter, or None if nothing was compared by meaning."""
    rows = session.execute(_FOUND, {"consultation": consultation_id, "campaign": campaign_id}).all()
    if not rows:
        return None
    found = [(row.sample_id, row.reference) for row in rows if row.sample_id]
    return AlikeTexts(rows[0].meanings, len(found), round(rows[0].expected), found[:_SHOWN])


def count_alike(session: Session, campaign_ids: Sequence[int]) -> Mapping[int, AlikeTexts]:
    """Return the number of similar texts by campaign ID. Campaigns without a comparison are left out."""
    rows = session.execute(_COUNTED, {"campaigns": list(campaign_ids)})
    return {row.id: AlikeTexts(row.meanings, row.found, round(row.expected)) for row in rows}
