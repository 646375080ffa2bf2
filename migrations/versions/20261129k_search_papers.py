"""The search index marks the rows of position papers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261129k_search_papers"
down_revision = "20261129g_body_record"
branch_labels = None
depends_on = None

_COLUMNS = (
    *("id", "submission_id", "consultation_id", "provision_id", "question_id", "stance", "body", "language"),
    *("position", "shown", "redacted_body", "anchor"),
)
_VIEW = "VIEW readable_comment AS SELECT {columns} FROM comment"


def _view(*more: str) -> str:
    return _VIEW.format(columns=", ".join(f'comment."{name}"' for name in (*_COLUMNS, *more)))


def upgrade() -> None:
    op.execute(f"CREATE OR REPLACE {_view('paper')}")
    op.add_column("search_indexed", sa.Column("paper", sa.Boolean(), server_default="false", nullable=False))
    op.execute("UPDATE search_indexed i SET paper = true FROM comment c WHERE c.id = i.comment_id AND c.paper")
    op.execute(
        "UPDATE search_indexed i SET paper = true FROM evidence e "
        "WHERE e.id = i.evidence_id AND e.kind = 'position_paper'"
    )


def downgrade() -> None:
    op.drop_column("search_indexed", "paper")
    op.execute("DROP VIEW readable_comment")
    op.execute(f"CREATE {_view()}")
