-- Arguments that a person checked and that are not merged into another, oldest first.
SELECT a.id AS key, a.id, k.slug AS consultation, nullif(a.place, '') AS place, nullif(a.stance, '') AS stance,
    a.name, a.checked, a.phrases, a.voices AS authors, a.statements AS excerpts, a.letter AS of_campaign_letter,
    :base || '/c/' || k.slug || '/arguments/' || a.id AS page
FROM readable_argument a
JOIN readable_consultation k ON k.id = a.consultation_id
WHERE a.checked AND a.merged_into_id IS NULL AND a.statements > 0 AND a.consultation_id = :consultation AND a.id > :after AND a.id <= :upto{where}
ORDER BY a.id
