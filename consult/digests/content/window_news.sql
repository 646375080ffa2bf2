WITH
-- The entries of the window.
entries AS MATERIALIZED (
    SELECT kind, subject_id, number FROM readable_ledger
    WHERE consultation_id = :consultation AND number >= :since AND number < :until
),
-- Submissions received or published in the window, each with its text as it is counted.
moved AS MATERIALIZED (
    SELECT e.*, a.*, g.* FROM (
        SELECT subject_id AS id, bool_or(kind = :RECEIVED) AS arrived,
            bool_or(kind = :PUBLISHED) AS published
        FROM entries WHERE kind IN (:RECEIVED, :PUBLISHED) GROUP BY subject_id
    ) AS e CROSS JOIN LATERAL (
        SELECT state, organisation, text_hash, places FROM readable_analysis_counted
        WHERE submission_id = e.id OFFSET 0
    ) AS a CROSS JOIN LATERAL (
        SELECT received AS copies, campaign_id, campaign_id IS NOT NULL AS member FROM readable_text_group
        WHERE consultation_id = :consultation AND text_hash = a.text_hash OFFSET 0
    ) AS g
),
-- Those that were published and still are; `named` has the first of each organisation.
fresh AS NOT MATERIALIZED (
    SELECT id, organisation, text_hash, places, copies, member FROM moved WHERE published AND state = 'published'
),
named AS (
    SELECT min(id) AS first FROM fresh WHERE organisation IS NOT NULL GROUP BY organisation
),
-- New texts, types of comment by place, and the campaign letters with most new copies.
texts AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE campaign_number IS NULL) AS individual FROM readable_text_group
    WHERE consultation_id = :consultation AND first_number >= :since AND first_number < :until AND received > 0
),
sayings AS (
    SELECT said, count(*) AS n, count(DISTINCT text_hash) AS texts FROM (
        SELECT unnest(places) COLLATE "C" AS said, text_hash FROM fresh
    ) AS each GROUP BY said
),
lettered AS (
    SELECT campaign_id AS id, count(*) AS n FROM moved WHERE arrived AND campaign_id IS NOT NULL
    GROUP BY campaign_id
),
letters AS (
    SELECT id, n FROM lettered ORDER BY n DESC, id LIMIT :letters
),
-- Arguments whose answer changed, each with its last answer.
answers AS (
    SELECT DISTINCT ON (a.id) a.*, said.outcome FROM entries e CROSS JOIN LATERAL (
        SELECT detail ->> 'outcome' AS outcome, detail ->> 'was' AS was FROM readable_ledger
        WHERE number = e.number OFFSET 0
    ) AS said CROSS JOIN LATERAL (
        SELECT coalesce(merged_into_id, id) AS id FROM readable_argument WHERE id = e.subject_id OFFSET 0
    ) AS m CROSS JOIN LATERAL (
        SELECT id, coalesce(name, '') AS name, NOT checked AS suggested, place, voices
        FROM readable_argument WHERE id = m.id OFFSET 0
    ) AS a
    WHERE e.kind = ANY(:RESPONSE_KINDS) AND said.was IS DISTINCT FROM said.outcome ORDER BY a.id, e.number DESC
),
-- The published submissions, in the form in which the next statement takes them.
listed AS (
    SELECT count(*) AS published, array_agg(id) AS ids, array_agg(copies) AS copies,
        array_agg(organisation IS NULL) AS nameless, array_agg(member) AS member FROM fresh
)
SELECT texts.n AS texts, texts.individual, listed.published, (SELECT count(*) FROM named) AS organisations,
    CAST(coalesce(listed.ids, '{}') AS text) AS ids, CAST(coalesce(listed.copies, '{}') AS text) AS copies,
    CAST(coalesce(listed.nameless, '{}') AS text) AS nameless,
    CAST(coalesce(listed.member, '{}') AS text) AS member,
    ARRAY(SELECT (SELECT organisation_name FROM readable_submission WHERE id = first)
        FROM named ORDER BY first LIMIT :names) AS names,
    (SELECT coalesce(json_agg(k ORDER BY k.first), '[]') FROM (
        SELECT kind, count(DISTINCT subject_id) AS n, min(number) AS first FROM entries GROUP BY kind
    ) AS k) AS kinds,
    (SELECT coalesce(json_agg(sayings), '[]') FROM sayings) AS said,
    (SELECT coalesce(json_agg(answers), '[]') FROM answers) AS answered,
    (SELECT coalesce(jsonb_object_agg(id, n), '{}') FROM letters) AS letters,
    (SELECT count(*) FROM lettered) AS all_letters, (SELECT coalesce(sum(n), 0) FROM lettered) AS all_copies
FROM texts, listed
