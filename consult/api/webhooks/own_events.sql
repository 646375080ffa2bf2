-- Events on submissions of an account or organisation, in the order of the public record: what is decided about them,
-- and answers to arguments that they make. An answer is one event, with a reference if it is about one submission.
WITH own AS (
    SELECT s.id, s.reference, s.consultation_id, s.state, s.text_hash, k.slug
    FROM readable_submission s JOIN readable_consultation k ON k.id = s.consultation_id AND k.phase <> 'draft'
    WHERE CASE WHEN CAST(:organisation AS bigint) IS NULL
        THEN s.account_id = :account AND s.organisation_id IS NULL ELSE s.organisation_id = :organisation END
), events AS (
    SELECT e.number, e.kind, e.at, own.slug AS consultation, own.reference
    FROM readable_ledger e JOIN own ON own.id = e.subject_id
    WHERE e.number > :after AND e.kind = ANY(:kinds)
    UNION ALL
    SELECT e.number, e.kind, e.at, own.slug, CASE WHEN count(DISTINCT own.id) = 1 THEN min(own.reference) END
    FROM readable_ledger e
    JOIN readable_claim c ON c.argument_id = e.subject_id AND c.consultation_id = e.consultation_id
    JOIN own ON own.consultation_id = c.consultation_id AND own.text_hash = c.text_hash AND own.state = 'published'
    WHERE e.number > :after AND e.kind = ANY(:answers)
    GROUP BY e.number, e.kind, e.at, own.slug
)
SELECT number, 'own.' || kind AS kind, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24":00:00Z"') AS hour,
    consultation, reference
FROM events ORDER BY number LIMIT :most
