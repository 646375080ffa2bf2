"""The time at which an anonymous submission is filed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128g"
down_revision = "20261128f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draft", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("draft", sa.Column("late", sa.Boolean(), server_default="false", nullable=False))
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_draft_due_at",
            "draft",
            ["due_at"],
            postgresql_where=sa.text("due_at IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("ix_draft_due_at", table_name="draft")
    op.drop_column("draft", "late")
    op.drop_column("draft", "due_at")
