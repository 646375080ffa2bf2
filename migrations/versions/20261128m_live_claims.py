"""An index of what moderators read just now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128m"
down_revision = "20261128g"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_waiting_claimed",
            "waiting",
            ["claimed_until"],
            postgresql_where=sa.text("claimed_by IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("ix_waiting_claimed", table_name="waiting")
