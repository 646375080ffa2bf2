"""Arguments that people check: named ones, pairs kept apart, what authors object to, and second labels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128j"
down_revision = "20261128h"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_argument_checked",
            "argument",
            ["consultation_id"],
            postgresql_where=sa.text("merged_into_id IS NULL AND statements > 0 AND name IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_argument_checked", "argument", postgresql_concurrently=True, if_exists=True)
