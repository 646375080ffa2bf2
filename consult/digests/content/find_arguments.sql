-- The checked arguments by new submissions, by all submissions and by part of the draft, each with a quote.
WITH new AS MATERIALIZED (
    SELECT a.submission_id, a.text_hash, a.places, g.campaign_id FROM readable_analysis_counted a
    JOIN readable_text_group g ON g.consultation_id = a.consultation_id AND g.text_hash = a.text_hash
    WHERE a.submission_id = ANY(CAST(:ids AS bigint[]))
), fresh AS MATERIALIZED (
    SELECT made.argument_id, count(*) AS new FROM (
        SELECT k.argument_id, new.submission_id, new.places FROM new
        JOIN readable_claim k ON k.consultation_id = :consultation AND k.text_hash = new.text_hash
        WHERE k.argument_id IS NOT NULL AND k.campaign_id IS NULL
        UNION SELECT k.argument_id, new.submission_id, new.places FROM new
        JOIN readable_claim k ON k.consultation_id = :consultation AND k.campaign_id = new.campaign_id
        WHERE k.argument_id IS NOT NULL
    ) AS made JOIN readable_argument a ON a.id = made.argument_id AND a.place || ' any' = ANY(made.places) GROUP BY 1
), known AS MATERIALIZED (
    SELECT a.id, a.place, a.stance, a.name, a.phrases, a.revision, a.submissions, a.senders, a.statements,
        coalesce(fresh.new, 0) AS new
    FROM readable_argument a LEFT JOIN fresh ON fresh.argument_id = a.id
    WHERE a.consultation_id = :consultation AND a.merged_into_id IS NULL AND a.statements > 0 AND a.checked
), ranked AS (
    SELECT a.*,
        row_number() OVER (ORDER BY a.new DESC, a.submissions DESC, a.id) AS newest,
        row_number() OVER (ORDER BY a.submissions DESC, a.id) AS largest,
        row_number() OVER (PARTITION BY a.place, a.stance ORDER BY a.submissions DESC, a.id) AS there,
        row_number() OVER (PARTITION BY a.place ORDER BY a.submissions DESC, a.id) AS first
    FROM known a
), divided AS (
    SELECT place FROM ranked
    WHERE there = 1 AND stance IN ('support', 'drop', 'concern') GROUP BY place HAVING {smaller_side} > 0
    ORDER BY {smaller_side} DESC, place COLLATE "C" LIMIT :divided
)
SELECT a.id AS argument, a.place AS spot, a.stance AS side, a.name, a.phrases, a.revision, a.submissions, a.senders,
    a.new, a.statements, q.*
FROM ranked a CROSS JOIN LATERAL (
    (SELECT {spoken}, k.place, k.start, k."end", k.proof, coalesce(l.published, 0) AS copied, false AS reason FROM {said}
        WHERE k.argument_id = a.id AND c.shown AND s.state = 'published' AND coalesce(k.part, 'ask') = 'ask'
        ORDER BY coalesce(l.published, 0) DESC, abs(k."end" - k.start - 130), k.id LIMIT 3)
    UNION ALL
    (SELECT * FROM (
        SELECT DISTINCT ON (k.proof) {spoken}, k.place, k.start, k."end", k.proof, coalesce(l.published, 0) AS copied,
            true AS reason
        FROM {said}
        WHERE k.argument_id = a.id AND c.shown AND s.state = 'published' AND k.part <> 'ask'
        ORDER BY k.proof, coalesce(l.published, 0) DESC, k.id
    ) AS reasons ORDER BY copied DESC, id, start LIMIT :reasons)
) AS q
WHERE a.newest <= :most OR a.largest <= :most OR (
    a.there = 1 AND a.stance IN ('support', 'drop', 'concern') AND a.place IN (SELECT place FROM divided)
) OR a.first = 1 AND a.place = ANY(:places)
ORDER BY a.id, reason, copied DESC, q.id, q.start
