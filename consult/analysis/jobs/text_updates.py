"""Storage of the class and campaign of texts, with the counts of the analysis that depend on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis.jobs.stored_texts import TEXT_RULE
from consult.core.database.sql_files import read_sql


class TextUpdate(NamedTuple):
    """The new classification of one text."""

    text_hash: bytes
    kind: str
    campaign_id: int | None
    share: float
    adds: bool
    contrary: bool
    set_aside: str = "[]"  # JSON, as in `TextGroup`


class StatementRow(NamedTuple):
    """A statement as stored."""

    text_hash: bytes
    campaign_id: int
    comment_id: int
    start: int
    end: int
    text: str | None
    kind: str
    confidence: float | None


_MOVE = text(read_sql(__file__, "move_texts"))
_UNSAY = text("DELETE FROM statement WHERE consultation_id = :consultation AND text_hash = ANY(:hashes)")
_SAY = text(
    """
    INSERT INTO statement (consultation_id, text_hash, campaign_id, comment_id, start, "end", text, kind,
        confidence)
    SELECT :consultation, * FROM unnest(CAST(:text_hashs AS bytea[]), CAST(:campaign_ids AS bigint[]),
        CAST(:comment_ids AS bigint[]), CAST(:starts AS int[]), CAST(:ends AS int[]), CAST(:texts AS text[]),
        CAST(:kinds AS text[]), CAST(:confidences AS float[]))
    """
)
_FORGET = text("DELETE FROM analysis_text WHERE consultation_id = :consultation AND text_hash = ANY(:hashes)")
_FORGET_CHOICES = text("DELETE FROM line_choice WHERE consultation_id = :consultation AND text_hash = ANY(:hashes)")
_LOSE = text(
    """
    DELETE FROM text_group WHERE consultation_id = :consultation AND text_hash = ANY(:hashes) AND received = 0
    RETURNING text_hash
    """
)
_LOSE_LETTERS = text(
    """
    UPDATE campaign c SET letter_hash = CASE WHEN c.letter_hash = ANY(:hashes) THEN uuid_send(gen_random_uuid())
            ELSE c.letter_hash END,
        core = CASE WHEN c.letter_hash = ANY(:hashes) THEN '' ELSE c.core END,
        ours = CASE WHEN c.letter_hash = ANY(:hashes) THEN NULL ELSE c.ours END,
        versions = coalesce((
            SELECT jsonb_agg(v) FROM jsonb_array_elements_text(c.versions) AS v WHERE decode(v, 'hex') <> ALL(:hashes)
        ), '[]')
    WHERE c.consultation_id = :consultation AND c.letter IS NULL AND (c.letter_hash = ANY(:hashes) OR EXISTS (
        SELECT 1 FROM jsonb_array_elements_text(c.versions) AS v WHERE decode(v, 'hex') = ANY(:hashes)))
    """
)
"""Removes the hash of a letter that only erased submissions contained. Its members get another letter."""
_COMPARE_AGAIN = text(
    "UPDATE analysis_state SET placed = placed + compared + 100 WHERE consultation_id = :consultation"
)
_TALLY = text(
    """
    UPDATE analysis_state SET placed = placed + :placed, campaigns = (
        SELECT count(*) FROM campaign WHERE consultation_id = :consultation AND members > 0
    ) WHERE consultation_id = :consultation
    """
)


def update_texts(
    session: Session, consultation_id: int, number: int, moves: Sequence[TextUpdate], said: Sequence[StatementRow]
) -> None:
    """Store the classification of texts and replace their statements. Safe to repeat.

    From ledger entry `number` on they count as part of a campaign.
    """
    if not moves:
        return
    where = {"consultation": consultation_id}
    session.execute(_UNSAY, {**where, "hashes": [move.text_hash for move in moves]})
    session.execute(_MOVE, {**where, "rule": TEXT_RULE, "number": number} | _columns(TextUpdate._fields, moves))
    if said:
        session.execute(_SAY, where | _columns(StatementRow._fields, said))


def forget_texts(session: Session, consultation_id: int, hashes: Sequence[bytes]) -> None:
    """Delete fingerprints, statements and line choices of texts that no submission has any more.

    Past counts are unchanged.
    """
    moves = [TextUpdate(key, "individual", None, 0, False, False) for key in hashes]
    update_texts(session, consultation_id, 0, moves, [])
    where = {"consultation": consultation_id}
    session.execute(_FORGET, {**where, "hashes": list(hashes)})
    session.execute(_FORGET_CHOICES, {**where, "hashes": list(hashes)})
    lost = [bytes(key) for key in session.scalars(_LOSE, {**where, "hashes": list(hashes)})]
    if lost and session.execute(_LOSE_LETTERS, {**where, "hashes": lost}).rowcount:  # type: ignore[attr-defined]
        session.execute(_COMPARE_AGAIN, where)


def update_totals(session: Session, consultation_id: int, placed: int) -> None:
    """Update the number of campaigns and of placed texts."""
    session.execute(_TALLY, {"consultation": consultation_id, "placed": placed})


def _columns(names: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, list[object]]:
    return {f"{name}s": list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
