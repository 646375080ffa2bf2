-- Count contributors, places and days: the doc of FOLLOWER in count_queries.py says how.
WITH
-- Submissions that the entries are about, and those whose text joined a campaign in this window.
touched AS MATERIALIZED (
    SELECT DISTINCT subject_id AS id FROM readable_ledger
    WHERE consultation_id = :consultation AND number >= :since AND number < :until AND kind = ANY(:SUBMISSION_KINDS)
    UNION {carried_submissions} UNION {rehashed_submissions}
    UNION SELECT a.submission_id FROM (
        SELECT text_hash FROM readable_text_group WHERE consultation_id = :consultation AND campaign_number > 0
            AND campaign_number >= :since AND campaign_number <= :until OFFSET 0
    ) AS g CROSS JOIN LATERAL (
        SELECT submission_id FROM readable_analysis_counted
        WHERE consultation_id = :consultation AND text_hash = g.text_hash OFFSET 0
    ) AS a
),
-- Each of them as it is now: its places, and the facts by which it is counted.
fresh AS MATERIALIZED (
    SELECT s.id, a.text_hash, a.state = 'published' AS shown,
        ARRAY(SELECT DISTINCT split_part(said, ' ', 1) FROM unnest(a.places) AS said ORDER BY 1) AS spots,
        CASE WHEN a.state = 'published' THEN
            ARRAY['kind ' || p.kind, 'coverage '
                || CASE WHEN EXISTS (SELECT 1 FROM unnest(a.places) AS said WHERE said NOT LIKE ' %') THEN 'spoken'
                    WHEN g.campaign_number IS NOT NULL THEN 'letter' ELSE 'unplaced' END]
            || array_remove(ARRAY[{fields}], NULL)
            || ARRAY(SELECT 'at ' || said || ' ' || p.kind FROM unnest(a.places) AS said)
            || CASE WHEN g.campaign_number IS NOT NULL
                THEN ARRAY(SELECT 'copied ' || said FROM unnest(a.places) AS said) ELSE '{}'::text[] END
            || ARRAY(SELECT 'group ' || f."group" FROM readable_facilitation f, generate_series(1, f.present)
                WHERE f.submission_id = s.id AND f."group" <> '')
            || ARRAY(SELECT 'group ' || w."group" FROM readable_written_group w WHERE w.submission_id = s.id)
        ELSE '{}'::text[] END
        || ARRAY(SELECT 'day ' || (s.received_at AT TIME ZONE (
            SELECT timezone FROM readable_consultation WHERE id = :consultation
        ))::date FROM readable_comment c WHERE c.submission_id = s.id) AS facts
    FROM touched CROSS JOIN LATERAL (
        SELECT text_hash, state, places FROM readable_analysis_counted WHERE submission_id = touched.id OFFSET 0
    ) AS a CROSS JOIN LATERAL (
        SELECT id, submitter_kind, {columns}, received_at, organisation_id FROM readable_submission
        WHERE id = touched.id OFFSET 0
    ) AS s LEFT JOIN LATERAL (
        SELECT campaign_number FROM readable_text_group
        WHERE consultation_id = :consultation AND text_hash = a.text_hash OFFSET 0
    ) AS g ON true CROSS JOIN LATERAL (
        SELECT CASE WHEN s.submitter_kind = 'organisation' THEN coalesce(
            (SELECT kind FROM readable_organisation WHERE id = s.organisation_id), 'organisation'
        ) ELSE s.submitter_kind END AS kind OFFSET 0
    ) AS p
),
-- What to add (1) and what to subtract (-1).
sides AS MATERIALIZED (
    SELECT 1 AS n, id, text_hash, spots, facts FROM fresh
    UNION ALL SELECT -1, h.* FROM fresh CROSS JOIN LATERAL (
        SELECT submission_id, text_hash, spots, facts FROM heard_counted WHERE submission_id = fresh.id OFFSET 0
    ) AS h
),
-- Store how each is counted now.
kept AS (
    INSERT INTO heard_counted (submission_id, consultation_id, text_hash, unplaced, spots, facts)
    SELECT id, :consultation, text_hash, 'coverage unplaced' = ANY(facts), spots, facts FROM fresh
    ON CONFLICT (submission_id) DO UPDATE SET text_hash = excluded.text_hash, unplaced = excluded.unplaced,
        spots = excluded.spots, facts = excluded.facts
),
-- Update how many submissions of each text there are in each place.
changes AS MATERIALIZED (
    SELECT spot AS place, text_hash, sum(n)::int AS n FROM sides, unnest(spots) AS spot
    GROUP BY spot, text_hash HAVING sum(n) <> 0
),
texts AS (
    INSERT INTO heard_text AS t (consultation_id, place, text_hash, n)
    SELECT :consultation, place, text_hash, n FROM changes
    ON CONFLICT (consultation_id, place, text_hash) DO UPDATE SET n = t.n + excluded.n
    RETURNING place, text_hash, n
),
-- Differences of the counts: distinct texts in places, and facts.
moves AS (
    SELECT 'texts' AS dimension, place AS key, sum((now > 0)::int - (now - n > 0)::int)::int AS n FROM (
        SELECT place, max(now) AS now, max(n) AS n FROM (
            SELECT place, text_hash, n AS now, NULL AS n FROM texts
            UNION ALL SELECT place, text_hash, NULL, n FROM changes
        ) AS both_sides GROUP BY place, text_hash
    ) AS each GROUP BY place
    UNION ALL
    SELECT split_part(fact, ' ', 1), substr(fact, strpos(fact, ' ') + 1), sum(n)::int
    FROM sides, unnest(facts) AS fact GROUP BY fact
),
counted AS (
INSERT INTO heard_count AS h (consultation_id, dimension, key, n)
SELECT :consultation, dimension, key, n FROM moves WHERE n <> 0
ON CONFLICT (consultation_id, dimension, key) DO UPDATE SET n = h.n + excluded.n
RETURNING dimension, key, n
)
SELECT 'text' AS kind, place AS name, encode(text_hash, 'hex') AS key FROM texts WHERE n = 0
UNION ALL SELECT 'count', dimension, key FROM counted WHERE n = 0
