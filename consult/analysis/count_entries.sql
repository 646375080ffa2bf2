WITH
-- Submissions with entries in the window: the last event, and the number of the entry that brought the text.
entries AS MATERIALIZED (
    SELECT subject_id AS id, number, kind FROM readable_ledger
    WHERE consultation_id = :consultation AND number >= :since AND number < :until AND kind = ANY(:MOVING_KINDS)
),
latest AS MATERIALIZED (
    SELECT id, substr((array_agg(kind ORDER BY number DESC))[1], 12) AS kind,
        min(number) FILTER (WHERE kind = ANY(:WORDING_KINDS)) AS number
    FROM entries GROUP BY id
),
-- Also those that were carried to another version or hashed by a new rule: their state does not change.
touched AS (
    SELECT id, kind, number FROM latest
    UNION ALL SELECT placed.id, a.state, NULL FROM (
        SELECT id FROM ({carried_submissions}) AS p EXCEPT SELECT id FROM latest
    ) AS placed CROSS JOIN LATERAL (
        SELECT state FROM analysis_counted WHERE submission_id = placed.id OFFSET 0
    ) AS a
    UNION ALL SELECT rehashed.id, a.state, g.first_number FROM (
        SELECT id FROM ({rehashed_submissions}) AS r EXCEPT (SELECT id FROM latest UNION {carried_submissions})
    ) AS rehashed CROSS JOIN LATERAL (
        SELECT state, text_hash FROM analysis_counted WHERE submission_id = rehashed.id OFFSET 0
    ) AS a CROSS JOIN LATERAL (
        SELECT first_number FROM text_group
        WHERE consultation_id = :consultation AND text_hash = a.text_hash OFFSET 0
    ) AS g
),
-- Each of them as it is now: text, state and, if published, the places with the type of comment.
fresh AS MATERIALIZED (
    SELECT s.id, s.text_hash, coalesce(touched.number, :until - 1) AS number,
        CASE WHEN touched.kind IN ('received', 'amended', 'replied') THEN 'pending' ELSE touched.kind END AS state,
        CASE WHEN s.name_rule = 'organisation' THEN lower(btrim({organisation})) END AS organisation,
        CASE WHEN touched.kind <> 'published' THEN '{}' ELSE coalesce((
            SELECT array_agg(DISTINCT said ORDER BY said) FROM (
                SELECT unnest(ARRAY[spot || ' ' || coalesce(kind, ''), spot || ' any']) AS said FROM (
                    SELECT c.counted_as AS kind, CASE WHEN c.provision_id IS NOT NULL THEN p.wid
                        WHEN c.question_id IS NOT NULL THEN 'q' || c.question_id ELSE '' END AS spot
                    FROM readable_comment c LEFT JOIN readable_provision p ON p.id = c.provision_id
                    WHERE c.submission_id = s.id
                ) AS spots
            ) AS sayings
        ), '{}') END AS places
    FROM touched CROSS JOIN LATERAL (
        SELECT id, text_hash, name_rule, organisation_name FROM readable_submission WHERE id = touched.id OFFSET 0
    ) AS s
),
-- As it was counted before; what to add (1) and what to subtract (-1).
old AS MATERIALIZED (
    SELECT c.* FROM fresh CROSS JOIN LATERAL (
        SELECT * FROM analysis_counted WHERE submission_id = fresh.id OFFSET 0
    ) AS c
),
sides AS MATERIALIZED (
    SELECT 1 AS n, id, text_hash, state, number, organisation, places FROM fresh
    UNION ALL SELECT -1, submission_id, text_hash, state, NULL, organisation, places FROM old
),
-- Store how each is counted now.
kept AS (
    INSERT INTO analysis_counted (submission_id, consultation_id, text_hash, state, organisation, places)
    SELECT id, :consultation, text_hash, state, organisation, places FROM fresh
    ON CONFLICT (submission_id) DO UPDATE SET text_hash = excluded.text_hash, state = excluded.state,
        organisation = excluded.organisation, places = excluded.places
),
-- Moves the counts of places and stances.
placed AS (
    INSERT INTO place_count (consultation_id, place, stance, submissions)
    SELECT :consultation, split_part(said, ' ', 1), split_part(said, ' ', 2), sum(n)
    FROM sides, unnest(places) AS said GROUP BY said HAVING sum(n) <> 0
    ON CONFLICT (consultation_id, place, stance) DO UPDATE
        SET submissions = place_count.submissions + excluded.submissions
),
-- Moves the counts of organisations; `voices`: how many more have something published.
spoken AS MATERIALIZED (
    SELECT organisation, sum(n) AS n FROM sides WHERE state = 'published' AND organisation IS NOT NULL
    GROUP BY organisation HAVING sum(n) <> 0
),
heard AS (
    INSERT INTO organisation_count AS o (consultation_id, organisation, published)
    SELECT :consultation, organisation, n FROM spoken
    ON CONFLICT (consultation_id, organisation) DO UPDATE SET published = o.published + excluded.published
    RETURNING organisation, published
),
voices AS (
    SELECT coalesce(sum((published > 0)::int - (published - n > 0)::int), 0) AS organisations FROM (
        SELECT max(published) AS published, max(n) AS n FROM (
            SELECT organisation, published, NULL AS n FROM heard
            UNION ALL SELECT organisation, NULL, n FROM spoken
        ) AS both_sides GROUP BY organisation
    ) AS each
),

-- What changes of each text that any of them has, or had; what was erased has none: its hash is NO_TEXT.
changes AS MATERIALIZED (
    SELECT text_hash, sum(n) AS received, coalesce(sum(n) FILTER (WHERE state = 'published'), 0) AS published,
        coalesce(sum(n) FILTER (WHERE state NOT IN ('withdrawn', 'erased')), 0) AS standing,
        min(number) AS first_number, array_agg(id) FILTER (WHERE n < 0) AS touched,
        min(id) FILTER (WHERE n > 0 AND state = 'published') AS public_id,
        min(id) FILTER (WHERE n > 0 AND state NOT IN ('withdrawn', 'erased')) AS standing_id
    FROM sides WHERE text_hash <> '' GROUP BY text_hash
),
-- Each of these texts as it was, what changes, and the submission whose spelling is read from now on.
planned AS MATERIALIZED (
    SELECT c.text_hash, coalesce(g.first_number, c.first_number, :until) AS first_number, g.campaign_number,
        coalesce(g.received, 0) AS had_received, coalesce(g.standing, 0) AS had_standing,
        coalesce(g.published, 0) AS had_published, c.received, c.standing, c.published,
        coalesce(g.placed, 0) AS placed, coalesce(g.argued, false) AS argued, g.sample_id AS old_sample_id,
        CASE WHEN coalesce(g.published, 0) = 0 AND c.public_id IS NOT NULL THEN c.public_id
            WHEN g.sample_id IS NULL OR g.sample_id = ANY(c.touched) THEN coalesce(c.public_id,
                CASE WHEN coalesce(g.published, 0) + c.published = 0 THEN c.standing_id END)
            ELSE g.sample_id END AS sample_id,
        coalesce(g.kind, 'individual') AS kind, g.campaign_id, coalesce(g.adds, false) AS adds,
        coalesce(g.contrary, false) AS contrary, g.checked
    FROM changes c LEFT JOIN LATERAL (
        SELECT * FROM text_group WHERE consultation_id = :consultation AND text_hash = c.text_hash OFFSET 0
    ) AS g ON true
),
-- Keeps the texts; one is to be placed anew where its sample, or whether it can be a letter, is another.
grouped AS (
    INSERT INTO text_group (consultation_id, text_hash, first_number, campaign_number, received, standing,
        published, sample_id, placed)
    SELECT :consultation, text_hash, first_number, campaign_number, had_received + received,
        had_standing + standing, had_published + published, sample_id,
        CASE WHEN sample_id IS DISTINCT FROM old_sample_id OR had_standing = 0 OR had_standing + standing = 0
            OR (had_standing >= :copies) <> (had_standing + standing >= :copies) THEN 0 ELSE placed END
    FROM planned
    ON CONFLICT (consultation_id, text_hash) DO UPDATE SET
        received = excluded.received, standing = excluded.standing, published = excluded.published,
        sample_id = excluded.sample_id, placed = excluded.placed
),
-- Moves the counts of classes.
classed AS (
    INSERT INTO class_count AS k (consultation_id, kind, texts, standing, published, argued)
    SELECT :consultation, kind, sum((had_standing + standing > 0)::int - (had_standing > 0)::int), sum(standing),
        sum(published), coalesce(sum(published) FILTER (WHERE argued), 0)
    FROM planned GROUP BY kind
    ON CONFLICT (consultation_id, kind) DO UPDATE SET texts = k.texts + excluded.texts,
        standing = k.standing + excluded.standing, published = k.published + excluded.published,
        argued = k.argued + excluded.argued
),
-- Moves the counts of campaigns.
joined AS (
    UPDATE campaign c SET texts = c.texts + d.texts, members = c.members + d.standing,
        published = c.published + d.published, exact = c.exact + d.exact, adding = c.adding + d.adding,
        contrary = c.contrary + d.contrary, confirmed = c.confirmed + d.confirmed,
        public_texts = c.public_texts + d.public_texts, public_exact = c.public_exact + d.public_exact,
        public_adding = c.public_adding + d.public_adding,
        public_contrary = c.public_contrary + d.public_contrary,
        public_confirmed = c.public_confirmed + d.public_confirmed,
        public_both = c.public_both + d.public_both
    FROM (
        SELECT campaign_id, sum((had_standing + standing > 0)::int - (had_standing > 0)::int) AS texts,
            sum(standing) AS standing, sum(published) AS published,
            coalesce(sum(standing) FILTER (WHERE kind = 'exact'), 0) AS exact,
            coalesce(sum(standing) FILTER (WHERE adds), 0) AS adding,
            coalesce(sum(standing) FILTER (WHERE contrary), 0) AS contrary,
            coalesce(sum(standing) FILTER (WHERE checked = 'contradicts'), 0) AS confirmed,
            sum((had_published + published > 0)::int - (had_published > 0)::int) AS public_texts,
            coalesce(sum(published) FILTER (WHERE kind = 'exact'), 0) AS public_exact,
            coalesce(sum(published) FILTER (WHERE adds), 0) AS public_adding,
            coalesce(sum(published) FILTER (WHERE contrary), 0) AS public_contrary,
            coalesce(sum(published) FILTER (WHERE checked = 'contradicts'), 0) AS public_confirmed,
            coalesce(sum(published) FILTER (WHERE adds AND checked = 'contradicts'), 0)
                AS public_both
        FROM planned WHERE campaign_id IS NOT NULL GROUP BY campaign_id
    ) AS d
    WHERE c.id = d.campaign_id
),
-- How many more texts there are, and submissions of each state.
groups AS (
    SELECT coalesce(sum((had_received + received > 0)::int - (had_received > 0)::int), 0) AS texts FROM planned
),
states AS (
    SELECT coalesce(sum(n) FILTER (WHERE state = 'withheld'), 0) AS withheld,
        coalesce(sum(n) FILTER (WHERE state = 'withdrawn'), 0) AS withdrawn,
        coalesce(sum(n) FILTER (WHERE state = 'erased'), 0) AS erased,
        coalesce(sum(n) FILTER (WHERE state IN ('pending', 'returned')), 0) AS pending
    FROM sides
),
totals AS (
    INSERT INTO analysis_state AS a (consultation_id, received, withheld, withdrawn, erased, pending,
        texts, campaigns, organisations)
    SELECT :consultation, (SELECT count(*) FROM entries WHERE kind = :RECEIVED), withheld, withdrawn, erased, pending,
        texts, 0, organisations
    FROM groups, states, voices
    ON CONFLICT (consultation_id) DO UPDATE SET received = a.received + excluded.received,
        withheld = a.withheld + excluded.withheld, withdrawn = a.withdrawn + excluded.withdrawn,
        erased = a.erased + excluded.erased, pending = a.pending + excluded.pending,
        texts = a.texts + excluded.texts, organisations = a.organisations + excluded.organisations
)
SELECT organisation FROM heard WHERE published = 0
