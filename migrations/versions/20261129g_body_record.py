"""Cached records of bodies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129g_body_record"
down_revision = "20261129f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    numbers = [sa.Column(name, sa.Integer(), nullable=False) for name in ("kept", "late", "overdue")]
    more = [sa.Column(name, sa.Integer(), nullable=False) for name in ("changed", "deferred")]
    op.create_table(
        "body_record",
        sa.Column("body_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        *numbers,
        sa.Column("days", sa.Integer(), nullable=True),
        *more,
        sa.Column("oldest", sa.Date(), nullable=True),
        sa.Column("owing", sa.Integer(), nullable=False),
        sa.Column("owed", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_body_record_body_id_body", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("body_id", name="pk_body_record"),
    )


def downgrade() -> None:
    op.drop_table("body_record")
