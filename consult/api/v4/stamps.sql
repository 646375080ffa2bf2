-- Times of the submissions with public changes in a window of the ledger, a second for each if there are enough.
WITH changed AS (
    SELECT e.subject_id, e.consultation_id, max(e.number) AS number,
        extract(epoch FROM date_trunc('hour', max(e.at), 'UTC'))::bigint AS hour,
        date_trunc('hour', min(e.at) FILTER (WHERE e.kind = :published), 'UTC') AS posted_at
    FROM readable_ledger e
    WHERE e.number >= :since AND e.number < :until AND e.kind = ANY(:kinds) AND e.consultation_id < :practice
    GROUP BY e.subject_id, e.consultation_id
), ordered AS (
    SELECT c.*, coalesce(last.modified, 0) AS last,
        row_number() OVER w AS place, count(*) OVER (PARTITION BY c.consultation_id) AS total,
        max(c.hour) OVER w AS reached
    FROM changed c
    LEFT JOIN posted_submission p ON p.submission_id = c.subject_id
    LEFT JOIN LATERAL (
        SELECT extract(epoch FROM modified_at)::bigint AS modified FROM posted_submission
        WHERE consultation_id = c.consultation_id ORDER BY modified_at DESC LIMIT 1
    ) AS last ON true
    WHERE c.posted_at IS NOT NULL OR p.submission_id IS NOT NULL
    WINDOW w AS (PARTITION BY c.consultation_id ORDER BY c.number)
), timed AS (
    SELECT o.*,
        place + greatest(last, max(hour - place) OVER (PARTITION BY consultation_id ORDER BY number)) AS one_each,
        greatest(last, reached) + greatest(0, (:now - greatest(last, reached)) * place / total) AS spread
    FROM ordered o
)
INSERT INTO posted_submission (submission_id, consultation_id, posted_at, modified_at)
SELECT subject_id, consultation_id, coalesce(posted_at, to_timestamp(hour)), to_timestamp(least(one_each, spread))
FROM timed
ON CONFLICT (submission_id) DO UPDATE SET modified_at = excluded.modified_at
