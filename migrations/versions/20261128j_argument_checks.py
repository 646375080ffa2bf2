"""Checks of arguments by people: names, undone acts, uncertain merges, objections of authors, and second labels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128j"
down_revision = "20261128i"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("argument_act", sa.Column("undoes_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(None, "argument_act", "argument_act", ["undoes_id"], ["id"])
    op.create_table(
        "argument_merge_doubt",
        sa.Column("argument_id", sa.BigInteger(), sa.ForeignKey("argument.id"), nullable=False),
        sa.Column("other_id", sa.BigInteger(), sa.ForeignKey("argument.id"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("argument_id", "other_id", "account_id"),
        sa.CheckConstraint("argument_id < other_id", name="ordered"),
    )
    op.create_table(
        "argument_second_label",
        sa.Column("claim_id", sa.BigInteger(), sa.ForeignKey("claim.id", ondelete="CASCADE"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("claim_id", "code"),
    )
    op.create_index("ix_argument_second_label_code", "argument_second_label", ["consultation_id", "code"])
    _create_objections()
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_argument_act_account",
            "argument_act",
            ["account_id", "id"],
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "ix_argument_act_undoes",
            "argument_act",
            ["undoes_id"],
            unique=True,
            postgresql_where=sa.text("undoes_id IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def _create_objections() -> None:
    op.create_table(
        "argument_objection",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("argument_id", sa.BigInteger(), sa.ForeignKey("argument.id"), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), sa.ForeignKey("claim.id", ondelete="SET NULL"), nullable=True),
        sa.Column("submission_id", sa.BigInteger(), sa.ForeignKey("submission.id"), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(24), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.BigInteger(), sa.ForeignKey("account.id"), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("moved_to_id", sa.BigInteger(), sa.ForeignKey("argument.id"), nullable=True),
    )
    op.create_index(
        "ix_argument_objection_open",
        "argument_objection",
        ["claim_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_index("ix_argument_objection_consultation", "argument_objection", ["consultation_id", "id"])
    op.create_index("ix_argument_objection_submission", "argument_objection", ["submission_id", "id"])
    op.create_index("ix_argument_objection_claim_id", "argument_objection", ["claim_id"])


def downgrade() -> None:
    op.drop_table("argument_objection")
    op.drop_table("argument_second_label")
    op.drop_table("argument_merge_doubt")
    op.drop_column("argument_act", "undoes_id")
    with op.get_context().autocommit_block():
        op.drop_index("ix_argument_act_account", "argument_act", postgresql_concurrently=True, if_exists=True)
