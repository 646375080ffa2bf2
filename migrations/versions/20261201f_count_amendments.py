"""Comments that propose or support other wording are counted with that wording only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201f_count_amendments"
down_revision = "20261201e_checked_only"
branch_labels = None
depends_on = None

_COLUMNS = (
    *("id", "submission_id", "consultation_id", "provision_id", "question_id", "stance", "body", "language"),
    *("position", "shown", "redacted_body", "anchor", "paper"),
)
_PROPOSALS = "amendment IS NOT NULL OR agrees_with IS NOT NULL"
_KIND = (
    "CASE WHEN (comment.amendment IS NOT NULL OR comment.agrees_with IS NOT NULL) THEN 'amendment' "
    "ELSE comment.stance END"
)
_TALLY = """
    INSERT INTO tally (consultation_id, provision_id, stance, state, n)
    SELECT s.consultation_id, c.provision_id, kinds.stance, s.state, kinds.n * count(*)
    FROM comment c JOIN submission s ON s.id = c.submission_id
    CROSS JOIN LATERAL (VALUES (c.stance, {before}), ('amendment', {after})) AS kinds (stance, n)
    WHERE c.provision_id IS NOT NULL AND (c.amendment IS NOT NULL OR c.agrees_with IS NOT NULL)
    GROUP BY s.consultation_id, c.provision_id, kinds.stance, s.state, kinds.n
    """
_RECOUNT = f"""
    INSERT INTO analysis_rehashed (submission_id, consultation_id, number)
    SELECT DISTINCT submission_id, consultation_id, (SELECT coalesce(max(number), 0) + 1 FROM ledger)
    FROM comment WHERE {_PROPOSALS}
    ON CONFLICT (submission_id) DO UPDATE SET number = excluded.number
    """  # noqa: S608 - constants only
"""Those who follow the ledger meet these submissions again, and count them as they count now."""
_SEARCH = """
    UPDATE search_indexed i SET words = ts_delete(i.words, '=stance:' || coalesce({was}, 'unsaid'))
        || array_to_tsvector(ARRAY['=stance:' || coalesce({now}, 'unsaid')])
    FROM comment c WHERE c.id = i.comment_id AND (c.amendment IS NOT NULL OR c.agrees_with IS NOT NULL)
    """


def _view(*more: str) -> str:
    columns = ", ".join([*(f'comment."{name}"' for name in _COLUMNS), *more])
    return f"VIEW readable_comment AS SELECT {columns} FROM comment"  # noqa: S608 - constants only


def upgrade() -> None:
    op.drop_constraint("fk_comment_agrees_with_comment", "comment", type_="foreignkey")
    op.execute(f"CREATE OR REPLACE {_view('comment.amendment', 'comment.agrees_with', f'{_KIND} AS counted_as')}")
    op.execute(_TALLY.format(before=-1, after=1))
    op.execute(_RECOUNT)
    op.execute(_SEARCH.format(was="c.stance", now="'amendment'"))
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_comment_proposals",
            "comment",
            ["consultation_id", "id"],
            postgresql_where=sa.text(_PROPOSALS),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("ix_comment_proposals", table_name="comment")
    op.execute("DROP VIEW readable_comment")
    op.execute(f"CREATE {_view()}")
    op.execute(_TALLY.format(before=1, after=-1))
    op.execute(_RECOUNT)
    op.execute(_SEARCH.format(was="'amendment'", now="c.stance"))
    op.execute(
        "UPDATE comment SET agrees_with = NULL WHERE agrees_with IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM comment o WHERE o.id = comment.agrees_with)"
    )
    op.create_foreign_key(
        "fk_comment_agrees_with_comment", "comment", "comment", ["agrees_with"], ["id"], ondelete="SET NULL"
    )
