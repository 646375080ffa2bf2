-- Letters with published copies that speak of the draft as a whole, the one with most copies first.
WITH decided AS MATERIALIZED (
    {decided}
)
SELECT k.id AS campaign, encode(k.letter_hash, 'hex') AS seen, k.published AS copies, k.public_adding AS adding,
    p.side, p.id AS decision, p.seen AS decided_seen
FROM readable_campaign k
LEFT JOIN decided p ON p.unit = 'letter' AND p.key = k.id::text
WHERE k.consultation_id = :consultation AND k.published > 0 AND EXISTS (
    SELECT 1 FROM readable_text_group g
    JOIN readable_analysis_counted a ON a.consultation_id = g.consultation_id AND a.text_hash = g.text_hash
    JOIN readable_submission s ON s.id = a.submission_id
    WHERE g.consultation_id = k.consultation_id AND g.campaign_id = k.id AND a.state = 'published'
        AND ' any' = ANY(a.places) AND {own_side} IS NULL
)
ORDER BY k.published DESC, k.id
