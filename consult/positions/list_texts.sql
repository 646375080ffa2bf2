-- Texts that speak of the draft as a whole, in the order in which they are read, with what was decided on them.
WITH decided AS MATERIALIZED (
    {decided}
), unsaid AS MATERIALIZED (
    {unsaid}
)
SELECT encode(g.text_hash, 'hex') AS hash, g.published AS copies, g.campaign_id AS campaign, g.share, g.opposition,
    unsaid.submission_id, p.side, p.id AS decision, l.side AS letter_side
FROM unsaid
JOIN readable_text_group g ON g.consultation_id = :consultation AND g.text_hash = unsaid.text_hash
LEFT JOIN decided p ON p.unit = 'text' AND p.key = encode(g.text_hash, 'hex')
LEFT JOIN decided l ON l.unit = 'letter' AND l.key = g.campaign_id::text
WHERE g.published > 0 AND {which}
ORDER BY {order}
