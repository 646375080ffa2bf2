-- Texts that speak of the draft as a whole, in the order in which they are read, with what was decided on them.
WITH decided AS MATERIALIZED (
    {decided}
)
SELECT encode(g.text_hash, 'hex') AS hash, g.published AS copies, g.campaign_id AS campaign, g.share, g.opposition,
    a.submission_id, p.side, p.id AS decision, l.side AS letter_side
FROM readable_text_group g
CROSS JOIN LATERAL (
    SELECT a.submission_id FROM readable_analysis_counted a
    JOIN readable_submission s ON s.id = a.submission_id
    WHERE a.consultation_id = g.consultation_id AND a.text_hash = g.text_hash AND a.state = 'published'
        AND ' any' = ANY(a.places) AND {own_side} IS NULL
    ORDER BY a.submission_id LIMIT 1
) AS a
LEFT JOIN decided p ON p.unit = 'text' AND p.key = encode(g.text_hash, 'hex')
LEFT JOIN decided l ON l.unit = 'letter' AND l.key = g.campaign_id::text
WHERE g.consultation_id = :consultation AND g.published > 0 AND {which}
ORDER BY {order}
