"""Approvers of an organisation's draft, their order and approvals; the two-person rule."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128u"
down_revision = "20261128t"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisation", sa.Column("two_people", sa.Boolean(), server_default="false", nullable=False))
    op.create_table(
        "sign_off",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], ondelete="SET NULL"),
    )
    for column in ("submission_id", "account_id", "asked_by", "consultation_id"):
        op.create_index(f"ix_sign_off_{column}", "sign_off", [column])
    op.create_index(
        "uq_sign_off_open",
        "sign_off",
        ["organisation_id", "consultation_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("submission_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("sign_off")
    op.drop_column("organisation", "two_people")
