"""The hash chain over the ledger, and the state and findings of the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261128b"
down_revision = "20261128a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_head",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_ledger_head"),
    )
    op.create_table(
        "audit_position",
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("check", name="pk_audit_position"),
    )
    op.create_table(
        "audit_finding",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("detail", JSONB(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_finding"),
    )
    op.create_index("ix_audit_finding_place", "audit_finding", ["check", "place"])


def downgrade() -> None:
    op.drop_table("audit_finding")
    op.drop_table("audit_position")
    op.drop_table("ledger_head")
