# ruff: noqa: S608 - statements put together from constants of this file
"""Counting by following the ledger: the one statement that turns new entries into new counts.

Every submission that the entries touch is uncounted as it was counted before and counted as it stands now, so a text
that was changed, withdrawn or erased leaves its old place. A text is counted in the class and campaign it has; new ones
are individual until `engine.place` has looked at them, which it also does anew where `placed` is set to 0 here. The
cost is that of the new entries. A submission of which a comment was carried to another place of the draft stands as it
stood, and speaks there.
"""

from __future__ import annotations

from sqlalchemy import text

from consult.analysis.kinds import COPIES

CAMPAIGN = COPIES

PLACED = """
    SELECT c.submission_id AS id FROM ledger l JOIN comment c ON c.consultation_id = l.consultation_id
        AND c.id BETWEEN (l.detail ->> 'first')::bigint AND (l.detail ->> 'last')::bigint
    WHERE l.consultation_id = :consultation AND l.number >= :since AND l.number < :until
        AND l.kind = 'draft.comments_placed'
        AND EXISTS (SELECT 1 FROM placement p WHERE p.comment_id = c.id AND p.version_id = l.subject_id)"""
"""Submissions with comments that were carried to another version of the draft in a window of the ledger."""

FOLLOW = text(
    f"""
    WITH entries AS MATERIALIZED (
        SELECT subject_id AS id, number, kind FROM ledger
        WHERE consultation_id = :consultation AND number >= :since AND number < :until AND kind LIKE 'submission.%'
            AND kind <> 'submission.covered'
    ), latest AS MATERIALIZED (
        SELECT id, substr((array_agg(kind ORDER BY number DESC))[1], 12) AS kind,
            min(number) FILTER (WHERE kind IN ('submission.received', 'submission.amended')) AS number
        FROM entries GROUP BY id
    ), touched AS (
        SELECT id, kind, number FROM latest
        UNION ALL SELECT a.submission_id, a.state, NULL FROM analysis_counted a
        WHERE a.consultation_id = :consultation AND a.submission_id IN ({PLACED})
            AND a.submission_id NOT IN (SELECT id FROM latest)
    ), fresh AS MATERIALIZED (
        SELECT s.id, s.text_hash, coalesce(touched.number, :until - 1) AS number,
            CASE WHEN touched.kind IN ('received', 'amended') THEN 'pending' ELSE touched.kind END AS state,
            CASE WHEN s.name_rule = 'organisation' THEN lower(btrim(s.organisation_name)) END AS organisation,
            CASE WHEN touched.kind <> 'published' THEN '{{}}' ELSE coalesce((
                SELECT array_agg(DISTINCT said ORDER BY said) FROM (
                    SELECT unnest(ARRAY[spot || ' ' || coalesce(stance, ''), spot || ' any']) AS said FROM (
                        SELECT c.stance, CASE WHEN c.provision_id IS NOT NULL THEN p.wid
                            WHEN c.question_id IS NOT NULL THEN 'q' || c.question_id ELSE '' END AS spot
                        FROM comment c LEFT JOIN provision p ON p.id = c.provision_id WHERE c.submission_id = s.id
                    ) AS spots
                ) AS sayings
            ), '{{}}') END AS places
        FROM touched JOIN submission s ON s.id = touched.id
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
            coalesce(sum(n) FILTER (WHERE state NOT IN ('withdrawn', 'erased')), 0) AS standing,
            min(number) AS first_number, array_agg(id) FILTER (WHERE n < 0) AS touched,
            min(id) FILTER (WHERE n > 0 AND state = 'published') AS public_id,
            min(id) FILTER (WHERE n > 0 AND state NOT IN ('withdrawn', 'erased')) AS standing_id
        FROM sides GROUP BY text_hash
    ), planned AS MATERIALIZED (
        SELECT c.text_hash, coalesce(g.first_number, c.first_number, :until) AS first_number, g.campaign_number,
            coalesce(g.received, 0) AS had_received, coalesce(g.standing, 0) AS had_standing,
            coalesce(g.published, 0) AS had_published, c.received, c.standing, c.published,
            coalesce(g.placed, 0) AS placed, coalesce(g.argued, false) AS argued, g.sample_id AS old_sample_id,
            CASE WHEN coalesce(g.published, 0) = 0 AND c.public_id IS NOT NULL THEN c.public_id
                WHEN g.sample_id IS NULL OR g.sample_id = ANY(c.touched) THEN coalesce(c.public_id,
                    CASE WHEN coalesce(g.published, 0) + c.published = 0 THEN c.standing_id END)
                ELSE g.sample_id END AS sample_id,
            coalesce(g.kind, 'individual') AS kind, g.campaign_id, coalesce(g.adds, false) AS adds,
            coalesce(g.contrary, false) AS contrary
        FROM changes c LEFT JOIN text_group g ON g.consultation_id = :consultation AND g.text_hash = c.text_hash
    ), grouped AS (
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
    ), classed AS (
        INSERT INTO class_count AS k (consultation_id, kind, texts, standing, published, argued)
        SELECT :consultation, kind, sum((had_standing + standing > 0)::int - (had_standing > 0)::int), sum(standing),
            sum(published), coalesce(sum(published) FILTER (WHERE argued), 0)
        FROM planned GROUP BY kind
        ON CONFLICT (consultation_id, kind) DO UPDATE SET texts = k.texts + excluded.texts,
            standing = k.standing + excluded.standing, published = k.published + excluded.published,
            argued = k.argued + excluded.argued
    ), joined AS (
        UPDATE campaign c SET texts = c.texts + d.texts, members = c.members + d.standing,
            published = c.published + d.published, exact = c.exact + d.exact, adding = c.adding + d.adding,
            contrary = c.contrary + d.contrary
        FROM (
            SELECT campaign_id, sum((had_standing + standing > 0)::int - (had_standing > 0)::int) AS texts,
                sum(standing) AS standing, sum(published) AS published,
                coalesce(sum(standing) FILTER (WHERE kind = 'exact'), 0) AS exact,
                coalesce(sum(standing) FILTER (WHERE adds), 0) AS adding,
                coalesce(sum(standing) FILTER (WHERE contrary), 0) AS contrary
            FROM planned WHERE campaign_id IS NOT NULL GROUP BY campaign_id
        ) AS d
        WHERE c.id = d.campaign_id
    ), groups AS (
        SELECT coalesce(sum((had_received + received > 0)::int - (had_received > 0)::int), 0) AS texts FROM planned
    ), states AS (
        SELECT coalesce(sum(n) FILTER (WHERE state = 'withheld'), 0) AS withheld,
            coalesce(sum(n) FILTER (WHERE state = 'withdrawn'), 0) AS withdrawn,
            coalesce(sum(n) FILTER (WHERE state = 'erased'), 0) AS erased,
            coalesce(sum(n) FILTER (WHERE state IN ('pending', 'returned')), 0) AS pending
        FROM sides
    )
    INSERT INTO analysis_cursor AS a (consultation_id, upto, received, withheld, withdrawn, erased, pending, texts,
        campaigns, organisations)
    SELECT :consultation, :until, (SELECT count(*) FROM entries WHERE kind = 'submission.received'), withheld,
        withdrawn, erased, pending, texts, 0, organisations
    FROM groups, states, voices
    ON CONFLICT (consultation_id) DO UPDATE SET upto = excluded.upto, received = a.received + excluded.received,
        withheld = a.withheld + excluded.withheld, withdrawn = a.withdrawn + excluded.withdrawn,
        erased = a.erased + excluded.erased, pending = a.pending + excluded.pending,
        texts = a.texts + excluded.texts, organisations = a.organisations + excluded.organisations
    """
)
