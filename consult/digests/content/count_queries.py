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
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.analysis.ledger_counts import CARRIED_SUBMISSIONS, REHASHED_SUBMISSIONS
from consult.ledger import service as ledger
from consult.ledger.followers import Follower, Window
from consult.ledger.kinds import bind_kinds
from consult.submissions.fields import COUNTED

RULE_VERSION = 4
"""The version of this file's rules, for the manifest."""
Counts = Mapping[str, Mapping[str, int]]

_KIND = (
    """CASE WHEN s.submitter_kind = 'organisation' THEN coalesce(o.kind, 'organisation') ELSE s.submitter_kind END"""
)
_PLACES = "ARRAY(SELECT DISTINCT split_part(said, ' ', 1) FROM unnest(a.places) AS said ORDER BY 1)"
_FIELDS = ", ".join(f"'{name} ' || s.{name}" for name in COUNTED)
_COLUMNS = ", ".join(COUNTED)
_FACTS = f"""
    CASE WHEN a.state = 'published' THEN
        ARRAY['kind ' || {_KIND}, 'coverage '
            || CASE WHEN EXISTS (SELECT 1 FROM unnest(a.places) AS said WHERE said NOT LIKE ' %') THEN 'spoken'
                WHEN g.campaign_number IS NOT NULL THEN 'letter' ELSE 'unplaced' END]
        || array_remove(ARRAY[{_FIELDS}], NULL)
        || ARRAY(SELECT 'at ' || said || ' ' || {_KIND} FROM unnest(a.places) AS said)
        || CASE WHEN g.campaign_number IS NOT NULL
            THEN ARRAY(SELECT 'copied ' || said FROM unnest(a.places) AS said) ELSE '{{}}'::text[] END
        || ARRAY(SELECT 'group ' || f."group" FROM readable_facilitation f, generate_series(1, f.present)
            WHERE f.submission_id = s.id AND f."group" <> '')
        || ARRAY(SELECT 'group ' || w."group" FROM readable_written_group w WHERE w.submission_id = s.id)
    ELSE '{{}}'::text[] END
    || ARRAY(SELECT 'day ' || (s.received_at AT TIME ZONE (
        SELECT timezone FROM readable_consultation WHERE id = :consultation
    ))::date FROM readable_comment c WHERE c.submission_id = s.id)
"""
_TOUCHED = f"""touched AS MATERIALIZED (
        SELECT DISTINCT subject_id AS id FROM readable_ledger
        WHERE consultation_id = :consultation AND number >= :since AND number < :until AND kind = ANY(:SUBMISSION_KINDS)
        UNION {CARRIED_SUBMISSIONS} UNION {REHASHED_SUBMISSIONS}
        UNION SELECT a.submission_id FROM (
            SELECT text_hash FROM readable_text_group WHERE consultation_id = :consultation AND campaign_number > 0
                AND campaign_number >= :since AND campaign_number <= :until OFFSET 0
        ) AS g CROSS JOIN LATERAL (
            SELECT submission_id FROM readable_analysis_counted
            WHERE consultation_id = :consultation AND text_hash = g.text_hash OFFSET 0
        ) AS a
    )"""
"""Submissions that the window is about, and those whose words have come to be of a campaign in it."""
_FRESH = f"""fresh AS MATERIALIZED (
        SELECT s.id, a.text_hash, a.state = 'published' AS shown, {_PLACES} AS spots, {_FACTS} AS facts
        FROM touched CROSS JOIN LATERAL (
            SELECT text_hash, state, places FROM readable_analysis_counted WHERE submission_id = touched.id OFFSET 0
        ) AS a CROSS JOIN LATERAL (
            SELECT id, submitter_kind, {_COLUMNS}, received_at, organisation_id FROM readable_submission
            WHERE id = touched.id OFFSET 0
        ) AS s LEFT JOIN LATERAL (
            SELECT campaign_number FROM readable_text_group
            WHERE consultation_id = :consultation AND text_hash = a.text_hash OFFSET 0
        ) AS g ON true LEFT JOIN LATERAL (
            SELECT kind FROM readable_organisation WHERE id = s.organisation_id OFFSET 0
        ) AS o ON true
    )"""
"""How each of them stands now: its places, and the facts that it is counted by."""
_SIDES = """sides AS MATERIALIZED (
        SELECT 1 AS n, id, text_hash, spots, facts FROM fresh
        UNION ALL SELECT -1, h.* FROM fresh CROSS JOIN LATERAL (
            SELECT submission_id, text_hash, spots, facts FROM heard_counted WHERE submission_id = fresh.id OFFSET 0
        ) AS h
    )"""
"""The two sides: counted anew with 1, taken back with -1."""
_KEEP_COUNTED = """kept AS (
        INSERT INTO heard_counted (submission_id, consultation_id, text_hash, unplaced, spots, facts)
        SELECT id, :consultation, text_hash, 'coverage unplaced' = ANY(facts), spots, facts FROM fresh
        ON CONFLICT (submission_id) DO UPDATE SET text_hash = excluded.text_hash, unplaced = excluded.unplaced,
            spots = excluded.spots, facts = excluded.facts
    )"""
"""Keeps how each is counted now."""
_COUNT_TEXTS = """changes AS MATERIALIZED (
        SELECT spot AS place, text_hash, sum(n)::int AS n FROM sides, unnest(spots) AS spot
        GROUP BY spot, text_hash HAVING sum(n) <> 0
    ), texts AS (
        INSERT INTO heard_text AS t (consultation_id, place, text_hash, n)
        SELECT :consultation, place, text_hash, n FROM changes
        ON CONFLICT (consultation_id, place, text_hash) DO UPDATE SET n = t.n + excluded.n
        RETURNING place, text_hash, n
    )"""
"""Moves how many submissions of each text there are at each place."""
_MOVES = """moves AS (
        SELECT 'texts' AS dimension, place AS key, sum((now > 0)::int - (now - n > 0)::int)::int AS n FROM (
            SELECT place, max(now) AS now, max(n) AS n FROM (
                SELECT place, text_hash, n AS now, NULL AS n FROM texts
                UNION ALL SELECT place, text_hash, NULL, n FROM changes
            ) AS both_sides GROUP BY place, text_hash
        ) AS each GROUP BY place
        UNION ALL
        SELECT split_part(fact, ' ', 1), substr(fact, strpos(fact, ' ') + 1), sum(n)::int
        FROM sides, unnest(facts) AS fact GROUP BY fact
    )"""
"""What the counts grow or shrink by: distinct texts at places, and facts."""
_FOLLOW = bind_kinds(
    f"""
    WITH {_TOUCHED}, {_FRESH}, {_SIDES}, {_KEEP_COUNTED}, {_COUNT_TEXTS}, {_MOVES}, counted AS (
        INSERT INTO heard_count AS h (consultation_id, dimension, key, n)
        SELECT :consultation, dimension, key, n FROM moves WHERE n <> 0
        ON CONFLICT (consultation_id, dimension, key) DO UPDATE SET n = h.n + excluded.n
        RETURNING dimension, key, n
    )
    SELECT 'text' AS kind, place AS name, encode(text_hash, 'hex') AS key FROM texts WHERE n = 0
    UNION ALL SELECT 'count', dimension, key FROM counted WHERE n = 0
    """
)
_NONE_LEFT = {
    "text": text(
        "DELETE FROM heard_text WHERE consultation_id = :consultation AND place = :name "
        "AND text_hash = decode(:key, 'hex') AND n = 0"
    ),
    "count": text(
        "DELETE FROM heard_count WHERE consultation_id = :consultation AND dimension = :name AND key = :key AND n = 0"
    ),
}
"""Counts of nothing go: that there once was a text, a country or a group says something of who erased it."""
_COUNTS = text(
    "SELECT dimension, key, n FROM heard_count WHERE consultation_id = :consultation AND dimension = ANY(:dimensions) "
    "AND n > 0 ORDER BY dimension, key"
)


def _count_window(session: Session, window: Window) -> None:
    for kind, name, key in session.execute(_FOLLOW, window.values).all():
        session.execute(_NONE_LEFT[kind], {"consultation": window.consultation_id, "name": name, "key": key})


FOLLOWER = Follower(
    "heard", analysis.FOLLOWER.kinds, _count_window, step=50_000, after=analysis.FOLLOWER, shares_lock=True
)
"""Incremental counts of contributors, places and days, updated from the ledger.

The counts stand at the same ledger number as the analysis. A step subtracts every submission that the entries touch as
it was counted before, and adds it as it stands now, so what is withdrawn or erased leaves its old counts; so does every
submission whose text joined a campaign since. The condition that a campaign's number is above 0 makes an index usable:
a prepared statement cannot derive it from `since`, and would read all texts.
"""


def count_to_head(session: Session, consultation_id: int, numbered: int) -> int:
    """Counts everything that has committed, what is `numbered` first; gives the number it is now at.

    All wait for the lock of the ledger's numbers, so it comes last, when the bulk is counted; whoever takes it before a
    follower's lock would wait for this, and this for them.
    """
    reached = FOLLOWER.follow(session, consultation_id=consultation_id, until=numbered)
    head = ledger.number_entries(session)
    return FOLLOWER.follow(session, consultation_id=consultation_id, until=head) if head > reached else reached


def get_counts(session: Session, consultation_id: int, dimensions: Sequence[str]) -> Counts:
    """The counts by dimension and key; every dimension is present, its keys in order."""
    found: dict[str, dict[str, int]] = {dimension: {} for dimension in dimensions}
    asked = {"consultation": consultation_id, "dimensions": list(dimensions)}
    for dimension, key, n in session.execute(_COUNTS, asked).all():
        found[dimension][key] = n
    return found
