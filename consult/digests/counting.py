# ruff: noqa: S608 - statements put together from constants of this file
"""Counting who was heard, where and when: by following the ledger, at the cost of what is new.

It goes wherever the analysis has gone: both stand at the same number. Every submission that the entries touch is
uncounted as it was counted before and counted as it stands now, so what is withdrawn or erased leaves its old place;
so is every submission whose words have come to be of a campaign since. That a campaign's number is above 0 is the
condition of an index: a statement that is prepared does not know it of `since`, and would read all texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.analysis.following import PLACED
from consult.core.clock import now
from consult.digests.model import HeardSummary

RULE = 2
"""The version of this file's rules, for the manifest."""
Counts = Mapping[str, Mapping[str, int]]
_STEP = 50_000

_KIND = (
    """CASE WHEN s.submitter_kind = 'organisation' THEN coalesce(o.kind, 'organisation') ELSE s.submitter_kind END"""
)
_PLACES = "ARRAY(SELECT DISTINCT split_part(said, ' ', 1) FROM unnest(a.places) AS said ORDER BY 1)"
_FACTS = f"""
    CASE WHEN a.state = 'published' THEN
        ARRAY['kind ' || {_KIND}, 'language ' || s.language, 'coverage '
            || CASE WHEN g.campaign_number IS NOT NULL
                OR EXISTS (SELECT 1 FROM unnest(a.places) AS said WHERE said NOT LIKE ' %')
                THEN 'placed' ELSE 'unplaced' END]
        || CASE WHEN s.country IS NULL THEN '{{}}'::text[] ELSE ARRAY['country ' || s.country] END
        || ARRAY(SELECT 'at ' || said || ' ' || {_KIND} FROM unnest(a.places) AS said)
        || ARRAY(SELECT 'group ' || f."group" FROM facilitation f, generate_series(1, f.present)
            WHERE f.submission_id = s.id AND f."group" <> '')
    ELSE '{{}}'::text[] END
    || ARRAY(SELECT 'day ' || (s.received_at AT TIME ZONE :zone)::date FROM comment c WHERE c.submission_id = s.id)
"""
_FOLLOW = text(
    f"""
    WITH touched AS MATERIALIZED (
        SELECT DISTINCT subject_id AS id FROM ledger
        WHERE consultation_id = :consultation AND number >= :since AND number < :until AND kind LIKE 'submission.%'
        UNION {PLACED}
        UNION SELECT a.submission_id FROM text_group g JOIN analysis_counted a USING (consultation_id, text_hash)
        WHERE g.consultation_id = :consultation AND g.campaign_number > 0 AND g.campaign_number >= :since
            AND g.campaign_number <= :until
    ), fresh AS MATERIALIZED (
        SELECT s.id, a.text_hash, a.state = 'published' AS shown, {_PLACES} AS spots, {_FACTS} AS facts
        FROM touched JOIN analysis_counted a ON a.submission_id = touched.id JOIN submission s ON s.id = a.submission_id
        LEFT JOIN text_group g ON g.consultation_id = a.consultation_id AND g.text_hash = a.text_hash
        LEFT JOIN organisation o ON o.id = s.organisation_id
    ), sides AS MATERIALIZED (
        SELECT 1 AS n, id, text_hash, spots, facts FROM fresh
        UNION ALL SELECT -1, h.submission_id, h.text_hash, h.spots, h.facts
        FROM heard_counted h JOIN fresh ON fresh.id = h.submission_id
    ), kept AS (
        INSERT INTO heard_counted (submission_id, consultation_id, text_hash, unplaced, spots, facts)
        SELECT id, :consultation, text_hash, 'coverage unplaced' = ANY(facts), spots, facts FROM fresh
        ON CONFLICT (submission_id) DO UPDATE SET text_hash = excluded.text_hash, unplaced = excluded.unplaced,
            spots = excluded.spots, facts = excluded.facts
    ), changes AS MATERIALIZED (
        SELECT spot AS place, text_hash, sum(n)::int AS n FROM sides, unnest(spots) AS spot
        GROUP BY spot, text_hash HAVING sum(n) <> 0
    ), texts AS (
        INSERT INTO heard_text AS t (consultation_id, place, text_hash, n)
        SELECT :consultation, place, text_hash, n FROM changes
        ON CONFLICT (consultation_id, place, text_hash) DO UPDATE SET n = t.n + excluded.n
        RETURNING place, text_hash, n
    ), moves AS (
        SELECT 'texts' AS dimension, t.place AS key, sum((t.n > 0)::int - (t.n - c.n > 0)::int)::int AS n
        FROM texts t JOIN changes c USING (place, text_hash) GROUP BY t.place
        UNION ALL
        SELECT split_part(fact, ' ', 1), substr(fact, strpos(fact, ' ') + 1), sum(n)::int
        FROM sides, unnest(facts) AS fact GROUP BY fact
    )
    INSERT INTO heard_count AS h (consultation_id, dimension, key, n)
    SELECT :consultation, dimension, key, n FROM moves WHERE n <> 0
    ON CONFLICT (consultation_id, dimension, key) DO UPDATE SET n = h.n + excluded.n
    """
)
_COUNTS = text(
    "SELECT dimension, key, n FROM heard_count WHERE consultation_id = :consultation AND dimension = ANY(:dimensions) "
    "AND n > 0 ORDER BY dimension, key"
)
_AT = text("SELECT upto FROM heard_summary WHERE consultation_id = :consultation")
_ZONE = text("SELECT timezone FROM consultation WHERE id = :consultation")


def follow(session: Session, *, consultation_id: int, until: int) -> int:
    """Counts the consultation's entries below `until`, in the analysis and here; gives the number both are now at.

    Serial per consultation behind the lock of the analysis, and safe to repeat.
    """
    reached = analysis.follow(session, consultation_id=consultation_id, until=until)
    at = session.scalar(_AT, {"consultation": consultation_id}) or 1
    if at >= reached:
        return reached
    zone = session.scalar(_ZONE, {"consultation": consultation_id})
    while at < reached:
        step = min(reached, at + _STEP)
        session.execute(_FOLLOW, {"consultation": consultation_id, "since": at, "until": step, "zone": zone})
        at = step
    session.execute(
        insert(HeardSummary)
        .values(consultation_id=consultation_id, upto=at, told=0, data={}, at=now())
        .on_conflict_do_update(index_elements=["consultation_id"], set_={"upto": at})
    )
    return reached


def counts(session: Session, consultation_id: int, dimensions: Sequence[str]) -> Counts:
    """What was counted, by dimension and key; each dimension is there, in the order of its keys."""
    found: dict[str, dict[str, int]] = {dimension: {} for dimension in dimensions}
    asked = {"consultation": consultation_id, "dimensions": list(dimensions)}
    for dimension, key, n in session.execute(_COUNTS, asked).all():
        found[dimension][key] = n
    return found
