-- How many published submissions that speak of the draft as a whole take which side, by kind of contributor and by
-- what the side is known.
WITH decided AS MATERIALIZED (
    {decided}
), whole AS MATERIALIZED (
    SELECT submission_id FROM readable_analysis_counted WHERE consultation_id = :consultation AND ' any' = ANY(places)
    UNION
    SELECT id FROM readable_submission WHERE consultation_id = :consultation AND side IS NOT NULL
)
SELECT coalesce(own, by_text, by_letter) AS side, kind, count(*) AS n,
    count(*) FILTER (WHERE own IS NOT NULL) AS filed,
    count(*) FILTER (WHERE own IS NULL AND coalesce(by_text, by_letter) IS NOT NULL) AS decided,
    count(*) FILTER (WHERE campaign IS NOT NULL) AS copies,
    array_agg(DISTINCT campaign) FILTER (WHERE campaign IS NOT NULL) AS campaigns
FROM (
    SELECT {own_side} AS own, t.side AS by_text, l.side AS by_letter, g.campaign_id AS campaign,
        CASE WHEN s.submitter_kind = 'organisation' THEN coalesce(o.kind, 'organisation') ELSE s.submitter_kind END AS kind
    FROM whole
    JOIN readable_analysis_counted a ON a.submission_id = whole.submission_id
    JOIN readable_submission s ON s.id = a.submission_id
    JOIN readable_text_group g ON g.consultation_id = a.consultation_id AND g.text_hash = a.text_hash
    LEFT JOIN readable_organisation o ON o.id = s.organisation_id
    LEFT JOIN readable_campaign k ON k.id = g.campaign_id
    LEFT JOIN decided t ON t.unit = 'text' AND t.key = encode(a.text_hash, 'hex')
    LEFT JOIN decided l ON l.unit = 'letter' AND l.key = g.campaign_id::text AND l.seen = encode(k.letter_hash, 'hex')
    WHERE a.consultation_id = :consultation AND a.state = 'published'
) AS counted GROUP BY 1, 2
