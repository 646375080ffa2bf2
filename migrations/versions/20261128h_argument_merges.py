"""Suggested merges of arguments, until a person merges them or keeps them apart.

Arguments of each part of the draft are proposed again, because the rule for grouping changed. Arguments that a person
named, merged or sorted stay.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128h"
down_revision = "20261128g"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "argument_merge_suggestion",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("argument_id", sa.BigInteger(), sa.ForeignKey("argument.id"), nullable=False),
        sa.Column("other_id", sa.BigInteger(), sa.ForeignKey("argument.id"), nullable=False),
        sa.Column("likeness", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("argument_id", "other_id"),
        sa.CheckConstraint("argument_id < other_id", name="ordered"),
    )
    op.create_index("ix_argument_merge_suggestion_other", "argument_merge_suggestion", ["other_id"])
    op.create_index(
        "ix_argument_merge_suggestion_likeness", "argument_merge_suggestion", ["consultation_id", "likeness"]
    )
    op.execute("UPDATE argument_ground SET fresh = greatest(10, size, fresh) WHERE rule > 0")


def downgrade() -> None:
    op.drop_table("argument_merge_suggestion")
