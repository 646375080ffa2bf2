"""Counting by following the ledger: the one statement that turns new entries into new counts.

Every submission that the entries touch is uncounted as it was counted before and counted as it stands now, so a text
that was changed, withdrawn or erased leaves its old place. The cost is that of the new entries.
"""

from __future__ import annotations

from sqlalchemy import text

CAMPAIGN = 5
"""How many submissions with the same words make a campaign."""

FOLLOW = text(
    """
    WITH entries AS MATERIALIZED (
        SELECT subject_id AS id, number, kind FROM ledger
        WHERE consultation_id = :consultation AND number >= :since AND number < :until AND kind LIKE 'submission.%'
    ), latest AS (
        SELECT DISTINCT ON (id) id, substr(kind, 12) AS kind FROM entries ORDER BY id, number DESC
    ), first AS (
        SELECT id, min(number) AS number FROM entries WHERE kind IN ('submission.received', 'submission.amended')
        GROUP BY id
    ), fresh AS MATERIALIZED (
        SELECT s.id, s.text_hash, coalesce(first.number, :until - 1) AS number,
            CASE WHEN latest.kind IN ('received', 'amended') THEN 'pending' ELSE latest.kind END AS state,
            CASE WHEN s.name_rule = 'organisation' THEN lower(btrim(s.organisation_name)) END AS organisation,
            CASE WHEN latest.kind <> 'published' THEN '{}' ELSE coalesce((
                SELECT array_agg(DISTINCT said ORDER BY said) FROM (
                    SELECT unnest(ARRAY[spot || ' ' || coalesce(stance, ''), spot || ' any']) AS said FROM (
                        SELECT c.stance, CASE WHEN c.provision_id IS NOT NULL THEN p.wid
                            WHEN c.question_id IS NOT NULL THEN 'q' || c.question_id ELSE '' END AS spot
                        FROM comment c LEFT JOIN provision p ON p.id = c.provision_id WHERE c.submission_id = s.id
                    ) AS spots
                ) AS sayings
            ), '{}') END AS places
        FROM latest JOIN submission s ON s.id = latest.id LEFT JOIN first ON first.id = latest.id
    ), old AS MATERIALIZED (
        SELECT c.* FROM analysis_counted c JOIN fresh ON fresh.id = c.submission_id
    ), sides AS MATERIALIZED (
        SELECT 1 AS n, id, text_hash, state, number, organisation, places FROM fresh
        UNION ALL SELECT -1, submission_id, text_hash, state, NULL, organisation, places FROM old
    ), kept AS (
        INSERT INTO analysis_counted (submission_id, consultation_id, text_hash, state, organisation, places)
        SELECT id, :consultation, text_hash, state, organisation, places FROM fresh
        ON CONFLICT (submission_id) DO UPDATE SET text_hash = excluded.text_hash, state = excluded.state,
            organisation = excluded.organisation, places = excluded.places
    ), placed AS (
        INSERT INTO place_count (consultation_id, place, stance, submissions)
        SELECT :consultation, split_part(said, ' ', 1), split_part(said, ' ', 2), sum(n)
        FROM sides, unnest(places) AS said GROUP BY said HAVING sum(n) <> 0
        ON CONFLICT (consultation_id, place, stance) DO UPDATE
            SET submissions = place_count.submissions + excluded.submissions
    ), spoken AS MATERIALIZED (
        SELECT organisation, sum(n) AS n FROM sides WHERE state = 'published' AND organisation IS NOT NULL
        GROUP BY organisation HAVING sum(n) <> 0
    ), heard AS (
        INSERT INTO organisation_count AS o (consultation_id, organisation, published)
        SELECT :consultation, organisation, n FROM spoken
        ON CONFLICT (consultation_id, organisation) DO UPDATE SET published = o.published + excluded.published
        RETURNING organisation, published
    ), voices AS (
        SELECT coalesce(sum((h.published > 0)::int - (h.published - s.n > 0)::int), 0) AS organisations
        FROM heard h JOIN spoken s USING (organisation)
    ), changes AS MATERIALIZED (
        SELECT text_hash, sum(n) AS received, coalesce(sum(n) FILTER (WHERE state = 'published'), 0) AS published,
            min(number) AS first_number
        FROM sides GROUP BY text_hash
    ), grouped AS (
        INSERT INTO text_group AS g
            (consultation_id, text_hash, first_number, campaign_number, received, published)
        SELECT :consultation, text_hash, coalesce(first_number, :until),
            CASE WHEN received >= :campaign THEN :until END, received, published
        FROM changes
        ON CONFLICT (consultation_id, text_hash) DO UPDATE SET
            received = g.received + excluded.received, published = g.published + excluded.published,
            campaign_number = CASE WHEN g.received + excluded.received < :campaign THEN NULL
                ELSE coalesce(g.campaign_number, :until) END
        RETURNING text_hash, received, published
    ), moves AS (
        SELECT g.received AS received, g.published AS published, g.received - c.received AS had_received,
            g.published - c.published AS had_published
        FROM grouped g JOIN changes c USING (text_hash)
    ), groups AS (
        SELECT coalesce(sum((received > 0)::int - (had_received > 0)::int), 0) AS texts,
            coalesce(sum((received >= :campaign)::int - (had_received >= :campaign)::int), 0) AS campaigns,
            coalesce(sum(CASE WHEN received >= :campaign THEN published ELSE 0 END
                - CASE WHEN had_received >= :campaign THEN had_published ELSE 0 END), 0) AS in_campaigns,
            coalesce(sum(CASE WHEN received < :campaign THEN published ELSE 0 END
                - CASE WHEN had_received < :campaign THEN had_published ELSE 0 END), 0) AS individually
        FROM moves
    ), states AS (
        SELECT coalesce(sum(n) FILTER (WHERE state = 'withheld'), 0) AS withheld,
            coalesce(sum(n) FILTER (WHERE state = 'withdrawn'), 0) AS withdrawn,
            coalesce(sum(n) FILTER (WHERE state = 'erased'), 0) AS erased,
            coalesce(sum(n) FILTER (WHERE state IN ('pending', 'returned')), 0) AS pending
        FROM sides
    )
    INSERT INTO analysis_cursor AS a (consultation_id, upto, received, published_individually, published_in_campaigns,
        withheld, withdrawn, erased, pending, texts, campaigns, organisations)
    SELECT :consultation, :until, (SELECT count(*) FROM entries WHERE kind = 'submission.received'), individually,
        in_campaigns, withheld, withdrawn, erased, pending, texts, campaigns, organisations
    FROM groups, states, voices
    ON CONFLICT (consultation_id) DO UPDATE SET upto = excluded.upto, received = a.received + excluded.received,
        published_individually = a.published_individually + excluded.published_individually,
        published_in_campaigns = a.published_in_campaigns + excluded.published_in_campaigns,
        withheld = a.withheld + excluded.withheld, withdrawn = a.withdrawn + excluded.withdrawn,
        erased = a.erased + excluded.erased, pending = a.pending + excluded.pending,
        texts = a.texts + excluded.texts, campaigns = a.campaigns + excluded.campaigns,
        organisations = a.organisations + excluded.organisations
    """
)
