-- Published evidence, oldest first: references, and files that were checked.
SELECT e.id AS key, e.id, s.reference, k.slug AS consultation,
    to_char(s.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24":00:00Z"') AS received,
    e.kind, e.description, e.language, e.year, nullif(e.place, '') AS about, nullif(e.method, '') AS method,
    coalesce(e.reference, :base || '/c/' || k.slug || '/evidence/' || e.id || '/file') AS source,
    s.public_name AS name, :base || '/c/' || k.slug || '/evidence/' || e.id AS page
FROM readable_evidence e
JOIN readable_submission s ON s.id = e.submission_id
JOIN readable_consultation k ON k.id = e.consultation_id
LEFT JOIN readable_stored_file f ON f.id = e.file_id
WHERE e.shown AND (e.file_id IS NULL OR f.state = 'clean') AND e.consultation_id = :consultation AND e.id > :after AND e.id <= :upto{where}
ORDER BY e.id
