-- Letters whose ranking is to be learnt: ten answers more or fewer than before, or other examples.
SELECT r.campaign_id
FROM letter_reading r
CROSS JOIN LATERAL (
    SELECT count(p.side) AS answers
    FROM readable_text_group g
    CROSS JOIN LATERAL (
        SELECT p.side FROM position p
        WHERE p.consultation_id = g.consultation_id AND p.unit = 'text' AND p.key = encode(g.text_hash, 'hex')
        ORDER BY p.id DESC LIMIT 1
    ) AS p
    WHERE g.consultation_id = r.consultation_id AND g.campaign_id = r.campaign_id AND g.published > 0
        AND (g.adds OR g.swapped)
) AS n
WHERE coalesce(r.campaign_id = CAST(:campaign AS bigint), true)
    AND (n.answers / CAST(:batch AS int) <> r.learnt_answers / CAST(:batch AS int) OR r.examples <> r.learnt_examples)
ORDER BY r.campaign_id
