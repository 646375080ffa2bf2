-- Published responses in words to one question or to all, oldest first.
SELECT c.id AS key, c.id AS response_id, coalesce(c.redacted_body, c.body) AS response, q.position + 1 AS question,
    s.reference, to_char(s.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24":00:00Z"') AS received,
    c.language, s.submitter_kind AS kind, o.kind AS organisation_kind, s.country,
    :base || '/c/' || k.slug || '/comments/' || s.reference || '#c' || c.id AS page
FROM readable_comment c
JOIN readable_question q ON q.id = c.question_id
JOIN readable_submission s ON s.id = c.submission_id
JOIN readable_consultation k ON k.id = c.consultation_id
LEFT JOIN readable_organisation o ON o.id = s.organisation_id
WHERE c.shown AND c.body <> '' AND c.consultation_id = :consultation AND c.id > :after AND c.id <= :upto{where}
ORDER BY c.id
