-- Published comments and responses, oldest first. Names and texts as on the pages.
SELECT c.id AS key, c.id, s.reference, k.slug AS consultation,
    to_char(s.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24":00:00Z"') AS received,
    p.wid AS provision, v.number AS version, q.position + 1 AS question, c.counted_as AS stance,
    CASE WHEN c.agrees_with IS NOT NULL THEN 'support' WHEN c.amendment = 0 THEN 'delete'
        WHEN c.amendment > 0 THEN 'change' END AS proposes,
    coalesce(c.redacted_body, c.body) AS body, c.language,
    coalesce(chose.exact, c.anchor ->> 'exact') AS words_of_draft, c.redacted_body IS NOT NULL AS redacted,
    s.public_name AS name, s.submitter_kind AS kind,
    s.name_rule = 'organisation' AND s.organisation_id IS NOT NULL AS confirmed, o.kind AS organisation_kind, s.country,
    :base || '/c/' || k.slug || '/comments/' || s.reference || '#c' || c.id AS page
FROM readable_comment c
JOIN readable_submission s ON s.id = c.submission_id
JOIN readable_consultation k ON k.id = c.consultation_id
LEFT JOIN readable_organisation o ON o.id = s.organisation_id
LEFT JOIN readable_provision p ON p.id = c.provision_id
LEFT JOIN readable_version v ON v.id = p.version_id
LEFT JOIN readable_question q ON q.id = c.question_id
LEFT JOIN LATERAL (
    SELECT m.anchor ->> 'exact' AS exact FROM readable_placement m WHERE m.comment_id = c.id ORDER BY m.id LIMIT 1
) AS chose ON true
WHERE c.shown AND c.consultation_id = :consultation AND c.id > :after AND c.id <= :upto{where}
ORDER BY c.id
