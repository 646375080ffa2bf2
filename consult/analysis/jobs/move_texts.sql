WITH fresh AS MATERIALIZED (
    SELECT * FROM unnest(CAST(:text_hashs AS bytea[]), CAST(:kinds AS text[]), CAST(:campaign_ids AS bigint[]),
        CAST(:shares AS float[]), CAST(:addss AS bool[]), CAST(:contrarys AS bool[]), CAST(:set_asides AS jsonb[]))
        AS f (text_hash, kind, campaign_id, share, adds, contrary, set_aside)
),
old AS MATERIALIZED (
    SELECT g.text_hash, g.kind, g.campaign_id, g.adds, g.contrary, g.standing, g.published, g.argued, g.checked,
        CASE WHEN g.campaign_id = fresh.campaign_id THEN g.checked END AS kept
    FROM text_group g JOIN fresh USING (text_hash) WHERE g.consultation_id = :consultation
),
moved AS (
    UPDATE text_group g SET kind = f.kind, campaign_id = f.campaign_id, share = f.share, adds = f.adds,
        contrary = coalesce(o.kept = 'contradicts', f.contrary), checked = o.kept, placed = :rule, set_aside = f.set_aside,
        opposition = CASE WHEN g.campaign_id = f.campaign_id THEN g.opposition END,
        campaign_number = CASE WHEN f.campaign_id IS NOT NULL THEN coalesce(g.campaign_number, :number)
            WHEN g.standing = 0 THEN g.campaign_number END
    FROM fresh f JOIN old o USING (text_hash)
    WHERE g.consultation_id = :consultation AND g.text_hash = f.text_hash
),
sides AS MATERIALIZED (
    SELECT 1 AS n, f.kind, f.campaign_id, f.adds, coalesce(o.kept = 'contradicts', f.contrary) AS contrary,
        o.kept AS checked, o.standing, o.published, o.argued
    FROM fresh f JOIN old o USING (text_hash)
    UNION ALL SELECT -1, kind, campaign_id, adds, contrary, checked, standing, published, argued FROM old
),
-- Update the counts of classes: each text as it is now, less as it was.
classed AS (
    INSERT INTO class_count AS k (consultation_id, kind, texts, standing, published, argued)
    SELECT :consultation, kind, sum(n * (standing > 0)::int), sum(n * standing), sum(n * published),
        coalesce(sum(n * published) FILTER (WHERE argued), 0)
    FROM sides GROUP BY kind
    ON CONFLICT (consultation_id, kind) DO UPDATE SET texts = k.texts + excluded.texts,
        standing = k.standing + excluded.standing, published = k.published + excluded.published,
        argued = k.argued + excluded.argued
)
-- Update the counts of campaigns likewise.
UPDATE campaign c SET texts = c.texts + d.texts, members = c.members + d.standing,
    published = c.published + d.published, exact = c.exact + d.exact, adding = c.adding + d.adding,
    contrary = c.contrary + d.contrary, confirmed = c.confirmed + d.confirmed,
    public_texts = c.public_texts + d.public_texts, public_exact = c.public_exact + d.public_exact,
    public_adding = c.public_adding + d.public_adding, public_contrary = c.public_contrary + d.public_contrary,
    public_confirmed = c.public_confirmed + d.public_confirmed, public_both = c.public_both + d.public_both
FROM (
    SELECT campaign_id, sum(n * (standing > 0)::int) AS texts, sum(n * standing) AS standing,
        sum(n * published) AS published,
        coalesce(sum(n * standing) FILTER (WHERE kind = 'exact'), 0) AS exact,
        coalesce(sum(n * standing) FILTER (WHERE adds), 0) AS adding,
        coalesce(sum(n * standing) FILTER (WHERE contrary), 0) AS contrary,
        coalesce(sum(n * standing) FILTER (WHERE checked = 'contradicts'), 0) AS confirmed,
        sum(n * (published > 0)::int) AS public_texts,
        coalesce(sum(n * published) FILTER (WHERE kind = 'exact'), 0) AS public_exact,
        coalesce(sum(n * published) FILTER (WHERE adds), 0) AS public_adding,
        coalesce(sum(n * published) FILTER (WHERE contrary), 0) AS public_contrary,
        coalesce(sum(n * published) FILTER (WHERE checked = 'contradicts'), 0) AS public_confirmed,
        coalesce(sum(n * published) FILTER (WHERE adds AND checked = 'contradicts'), 0)
            AS public_both
    FROM sides WHERE campaign_id IS NOT NULL GROUP BY campaign_id
) AS d
WHERE c.id = d.campaign_id
