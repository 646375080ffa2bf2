-- Published submissions, oldest first. Names as on the pages.
SELECT s.id AS key, s.reference, k.slug AS consultation,
    to_char(s.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24":00:00Z"') AS received,
    s.public_name AS name, s.submitter_kind AS kind,
    s.name_rule = 'organisation' AND s.organisation_id IS NOT NULL AS confirmed, o.kind AS organisation_kind, s.country, s.language, s.side,
    s.present, (SELECT count(*) FROM readable_comment c WHERE c.submission_id = s.id AND c.shown) AS comments,
    via.name AS sent_through, :base || '/c/' || k.slug || '/comments/' || s.reference AS page
FROM readable_submission s
JOIN readable_consultation k ON k.id = s.consultation_id
LEFT JOIN readable_organisation o ON o.id = s.organisation_id
LEFT JOIN readable_supporter_consent x ON x.submission_id = s.id
LEFT JOIN readable_organisation via ON via.id = x.organisation_id
WHERE s.state = 'published' AND s.consultation_id = :consultation AND s.id > :after AND s.id <= :upto{where}
ORDER BY s.id
