# ruff: noqa: S608 - statements put together from constants
"""Imports are counted separately from decisions of moderators, and decisions on several submissions are marked.

Existing counts are moved according to the ledger. The follower continues from its position. The downgrade leaves the
counts of decisions on several submissions, which the previous release does not read.
"""

from alembic import op

revision = "20261128k"
down_revision = "20261128j"
branch_labels = None
depends_on = None

_SAID = """ledger e JOIN submission s ON s.id = e.subject_id CROSS JOIN LATERAL (
        SELECT CASE WHEN count(DISTINCT stance) > 1 THEN 'several' ELSE coalesce(max(stance), '') END AS stance
        FROM comment WHERE submission_id = s.id
    ) AS c"""
_COUNTED = """e.number < (
        SELECT upto FROM follower WHERE name = 'moderation.statistics' AND consultation_id = 0
    )"""
_IMPORTED = f"""
    WITH said AS MATERIALIZED (
        SELECT e.consultation_id, s.language, c.stance, count(*) AS n FROM {_SAID}
        WHERE {_COUNTED} AND e.kind = 'submission.published' AND e.actor IS NULL AND NOT e.detail ? 'policy'
        GROUP BY 1, 2, 3
    ), moved AS MATERIALIZED (
        SELECT said.consultation_id, said.language, said.stance, least(said.n, p.n) AS n
        FROM said JOIN process_count p USING (consultation_id, language, stance)
        WHERE p.what = 'published' AND p.queue = '' AND p.reason = ''
    ), taken AS (
        UPDATE process_count p SET n = p.n - moved.n FROM moved
        WHERE p.consultation_id = moved.consultation_id AND p.language = moved.language AND p.stance = moved.stance
            AND p.what = 'published' AND p.queue = '' AND p.reason = ''
    )
    INSERT INTO process_count (consultation_id, what, queue, reason, language, stance, n)
    SELECT consultation_id, 'imported', '', '', language, stance, n FROM moved
    """
_TOGETHER = f"""
    INSERT INTO process_count (consultation_id, what, queue, reason, language, stance, n)
    SELECT e.consultation_id, 'together', coalesce(d.queue, ''), coalesce(e.reason, ''), s.language, c.stance, count(*)
    FROM {_SAID}
    LEFT JOIN decision d ON d.submission_id = e.subject_id AND d.ended_at = e.at AND d.ended = 'took_effect'
    WHERE {_COUNTED} AND e.detail ? 'batch'
        AND e.kind IN ('submission.published', 'submission.returned', 'submission.withheld')
    GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (consultation_id, what, queue, reason, language, stance) DO UPDATE SET n = excluded.n
    """
_BACK = """
    INSERT INTO process_count (consultation_id, what, queue, reason, language, stance, n)
    SELECT consultation_id, 'published', queue, reason, language, stance, n FROM process_count WHERE what = 'imported'
    ON CONFLICT (consultation_id, what, queue, reason, language, stance) DO UPDATE SET n = process_count.n + excluded.n
    """


def upgrade() -> None:
    op.execute(_IMPORTED)
    op.execute("DELETE FROM process_count WHERE what = 'published' AND n = 0")
    op.execute(_TOGETHER)


def downgrade() -> None:
    op.execute(_BACK)
    op.execute("DELETE FROM process_count WHERE what = 'imported'")
