"""Uploaded drafts that a worker reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128f"
down_revision = "20261128e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft_import",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name="fk_draft_import_consultation_id_consultation",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_draft_import"),
    )  # fmt: skip
    op.create_index("ix_draft_import_consultation_id", "draft_import", ["consultation_id"])
    op.create_index("ix_draft_import_created_at", "draft_import", ["created_at"])
    op.create_index("ix_draft_import_open", "draft_import", ["id"], postgresql_where=sa.text("ended_at IS NULL"))


def downgrade() -> None:
    op.drop_table("draft_import")
