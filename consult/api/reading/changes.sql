-- Public events in the order of the public record. Consultations that are being set up are left out.
SELECT e.number, e.kind, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24":00:00Z"') AS hour,
    k.slug AS consultation, s.reference, e.at, e.subject_id, e.consultation_id
FROM readable_ledger e
LEFT JOIN readable_consultation k ON k.id = e.consultation_id
LEFT JOIN readable_submission s ON s.id = e.subject_id AND e.kind = ANY(:submissions)
WHERE e.number > :after AND e.kind = ANY(:kinds) AND (e.consultation_id IS NULL OR k.phase <> 'draft')
ORDER BY e.number LIMIT :most
