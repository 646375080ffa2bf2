-- Submissions by argument, on its part of the draft: those whose letter makes it, and others whose text does.
WITH counted AS (
    SELECT id, place FROM argument WHERE consultation_id = :consultation AND merged_into_id IS NULL
        AND (name IS NOT NULL OR letter IS NOT NULL)
), said AS (
    SELECT k.argument_id, k.text_hash, false AS copy FROM claim k JOIN counted ON counted.id = k.argument_id
    WHERE k.campaign_id IS NULL
    UNION ALL
    SELECT k.argument_id, g.text_hash, true FROM (
        SELECT DISTINCT k.argument_id, k.campaign_id FROM claim k JOIN counted ON counted.id = k.argument_id
        WHERE k.campaign_id IS NOT NULL
    ) AS k JOIN readable_text_group g ON g.consultation_id = :consultation AND g.campaign_id = k.campaign_id
), texts AS (
    SELECT argument_id, text_hash, bool_or(copy) AS copy FROM said GROUP BY 1, 2
), sizes AS (
    SELECT counted.id, count(s.submission_id) AS submissions, count(s.submission_id) FILTER (WHERE texts.copy) AS senders
    FROM counted LEFT JOIN texts ON texts.argument_id = counted.id
    LEFT JOIN readable_analysis_counted s ON s.consultation_id = :consultation AND s.text_hash = texts.text_hash
        AND s.state = 'published' AND counted.place || ' any' = ANY(s.places)
    GROUP BY 1
)
UPDATE argument a SET submissions = s.submissions, senders = s.senders FROM sizes s
WHERE a.id = s.id AND (a.submissions, a.senders) IS DISTINCT FROM (s.submissions, s.senders)
