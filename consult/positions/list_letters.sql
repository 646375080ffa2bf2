-- Letters with published copies that speak of the draft as a whole, the one with most copies first.
WITH decided AS MATERIALIZED (
    {decided}
), unsaid AS MATERIALIZED (
    {unsaid}
)
SELECT k.id AS campaign, encode(k.letter_hash, 'hex') AS seen, k.published AS copies, k.public_adding AS adding,
    p.side, p.id AS decision, p.seen AS decided_seen
FROM readable_campaign k
LEFT JOIN decided p ON p.unit = 'letter' AND p.key = k.id::text
WHERE k.consultation_id = :consultation AND k.published > 0 AND k.id IN (
    SELECT g.campaign_id FROM unsaid
    JOIN readable_text_group g ON g.consultation_id = :consultation AND g.text_hash = unsaid.text_hash
)
ORDER BY k.published DESC, k.id
