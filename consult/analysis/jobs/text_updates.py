"""Writes the class and campaign of texts, and updates every count that depends on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis.jobs.stored_texts import TEXT_RULE


class TextUpdate(NamedTuple):
    """The place of one text."""

    text_hash: bytes
    kind: str
    campaign_id: int | None
    share: float
    adds: bool
    contrary: bool


class StatementRow(NamedTuple):
    """One statement, as it is stored."""

    text_hash: bytes
    campaign_id: int
    comment_id: int
    start: int
    end: int
    text: str | None
    kind: str
    confidence: float | None


_CLASSED = """classed AS (
        INSERT INTO class_count AS k (consultation_id, kind, texts, standing, published, argued)
        SELECT :consultation, kind, sum(n * (standing > 0)::int), sum(n * standing), sum(n * published),
            coalesce(sum(n * published) FILTER (WHERE argued), 0)
        FROM sides GROUP BY kind
        ON CONFLICT (consultation_id, kind) DO UPDATE SET texts = k.texts + excluded.texts,
            standing = k.standing + excluded.standing, published = k.published + excluded.published,
            argued = k.argued + excluded.argued
    )"""
"""Moves the counts of classes by the two sides of each text: as it is now, less as it was."""
_BY_CAMPAIGN = """
        SELECT campaign_id, sum(n * (standing > 0)::int) AS texts, sum(n * standing) AS standing,
            sum(n * published) AS published,
            coalesce(sum(n * standing) FILTER (WHERE kind = 'exact'), 0) AS exact,
            coalesce(sum(n * standing) FILTER (WHERE adds), 0) AS adding,
            coalesce(sum(n * standing) FILTER (WHERE contrary), 0) AS contrary,
            coalesce(sum(n * standing) FILTER (WHERE checked = 'contradicts'), 0) AS confirmed,
            sum(n * (published > 0)::int) AS public_texts,
            coalesce(sum(n * published) FILTER (WHERE kind = 'exact'), 0) AS public_exact,
            coalesce(sum(n * published) FILTER (WHERE adds), 0) AS public_adding,
            coalesce(sum(n * published) FILTER (WHERE contrary), 0) AS public_contrary,
            coalesce(sum(n * published) FILTER (WHERE checked = 'contradicts'), 0) AS public_confirmed,
            coalesce(sum(n * published) FILTER (WHERE adds AND contrary), 0) AS public_both
        FROM sides WHERE campaign_id IS NOT NULL GROUP BY campaign_id"""
"""What changes of each campaign, from the same sides."""
_MOVE = text(
    f"""
    WITH fresh AS MATERIALIZED (
        SELECT * FROM unnest(CAST(:text_hashs AS bytea[]), CAST(:kinds AS text[]), CAST(:campaign_ids AS bigint[]),
            CAST(:shares AS float[]), CAST(:addss AS bool[]), CAST(:contrarys AS bool[]))
            AS f (text_hash, kind, campaign_id, share, adds, contrary)
    ), old AS MATERIALIZED (
        SELECT g.text_hash, g.kind, g.campaign_id, g.adds, g.contrary, g.standing, g.published, g.argued, g.checked,
            CASE WHEN g.campaign_id = fresh.campaign_id THEN g.checked END AS kept
        FROM text_group g JOIN fresh USING (text_hash) WHERE g.consultation_id = :consultation
    ), moved AS (
        UPDATE text_group g SET kind = f.kind, campaign_id = f.campaign_id, share = f.share, adds = f.adds,
            contrary = coalesce(o.kept = 'contradicts', f.contrary), checked = o.kept, placed = :rule,
            campaign_number = CASE WHEN f.campaign_id IS NOT NULL THEN coalesce(g.campaign_number, :number)
                WHEN g.standing = 0 THEN g.campaign_number END
        FROM fresh f JOIN old o USING (text_hash)
        WHERE g.consultation_id = :consultation AND g.text_hash = f.text_hash
    ), sides AS MATERIALIZED (
        SELECT 1 AS n, f.kind, f.campaign_id, f.adds, coalesce(o.kept = 'contradicts', f.contrary) AS contrary,
            o.kept AS checked, o.standing, o.published, o.argued
        FROM fresh f JOIN old o USING (text_hash)
        UNION ALL SELECT -1, kind, campaign_id, adds, contrary, checked, standing, published, argued FROM old
    ), {_CLASSED}
    UPDATE campaign c SET texts = c.texts + d.texts, members = c.members + d.standing,
        published = c.published + d.published, exact = c.exact + d.exact, adding = c.adding + d.adding,
        contrary = c.contrary + d.contrary, confirmed = c.confirmed + d.confirmed,
        public_texts = c.public_texts + d.public_texts, public_exact = c.public_exact + d.public_exact,
        public_adding = c.public_adding + d.public_adding, public_contrary = c.public_contrary + d.public_contrary,
        public_confirmed = c.public_confirmed + d.public_confirmed, public_both = c.public_both + d.public_both
    FROM ({_BY_CAMPAIGN}) AS d
    WHERE c.id = d.campaign_id
    """  # noqa: S608 - a statement put together from constants
)
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
_UNLIKEN = text("DELETE FROM alike_text WHERE consultation_id = :consultation AND text_hash = ANY(:hashes)")
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
"""A letter that nobody sent but those who erased it is told by nothing of it; its members find another letter."""
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
    """Puts texts in their places, with what they say there instead of what they said before.

    `number` is the ledger number from which on they count as of a campaign. Doing it again changes nothing.
    """
    if not moves:
        return
    where = {"consultation": consultation_id}
    session.execute(_UNSAY, {**where, "hashes": [one.text_hash for one in moves]})
    session.execute(_MOVE, {**where, "rule": TEXT_RULE, "number": number} | _columns(TextUpdate._fields, moves))
    if said:
        session.execute(_SAY, where | _columns(StatementRow._fields, said))


def forget_texts(session: Session, consultation_id: int, hashes: Sequence[bytes]) -> None:
    """Nobody says these texts any longer: their marks and statements go. What was counted of them stays as it was.

    Of those that nobody has even sent, as all who did have changed or erased them, nothing stays.
    """
    moves = [TextUpdate(key, "individual", None, 0, False, False) for key in hashes]
    update_texts(session, consultation_id, 0, moves, [])
    where = {"consultation": consultation_id}
    session.execute(_FORGET, {**where, "hashes": list(hashes)})
    session.execute(_UNLIKEN, {**where, "hashes": list(hashes)})
    lost = [bytes(key) for key in session.scalars(_LOSE, {**where, "hashes": list(hashes)})]
    if lost and session.execute(_LOSE_LETTERS, {**where, "hashes": lost}).rowcount:  # type: ignore[attr-defined]
        session.execute(_COMPARE_AGAIN, where)


def update_totals(session: Session, consultation_id: int, placed: int) -> None:
    """Counts the campaigns there are, and how many texts were placed."""
    session.execute(_TALLY, {"consultation": consultation_id, "placed": placed})


def _columns(names: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, list[object]]:
    return {f"{name}s": list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
