-- Events on submissions of an account or organisation, in the order of the public record.
SELECT e.number, 'own.' || e.kind AS kind, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24":00:00Z"') AS hour,
    k.slug AS consultation, s.reference
FROM readable_ledger e
JOIN readable_submission s ON s.id = e.subject_id
JOIN readable_consultation k ON k.id = e.consultation_id AND k.phase <> 'draft'
WHERE e.number > :after AND e.kind = ANY(:kinds) AND CASE WHEN CAST(:organisation AS bigint) IS NULL
    THEN s.account_id = :account AND s.organisation_id IS NULL ELSE s.organisation_id = :organisation END
ORDER BY e.number LIMIT :most
