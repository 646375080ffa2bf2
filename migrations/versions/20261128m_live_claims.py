"""An index of the submissions that moderators are reading, and answers to appeals that wait for a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128m"
down_revision = "20261128l"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "recourse_answer", sa.Column("second_id", sa.BigInteger(), sa.ForeignKey("account.id"), nullable=True)
    )
    op.alter_column("recourse_answer", "due_at", nullable=True)
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
    op.execute("UPDATE recourse_answer SET due_at = at, ended = 'taken_back', ended_at = at WHERE due_at IS NULL")
    op.alter_column("recourse_answer", "due_at", nullable=False)
    op.drop_column("recourse_answer", "second_id")
