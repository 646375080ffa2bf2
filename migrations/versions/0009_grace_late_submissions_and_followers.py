"""Grace, late submissions and followers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "follow",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("account_id IS NOT NULL OR email_sealed IS NOT NULL", name=op.f("ck_follow_somebody")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_follow_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_follow_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint("consultation_id", "account_id", name=op.f("uq_follow_consultation_id_account_id")),
        sa.UniqueConstraint("consultation_id", "email_index", name=op.f("uq_follow_consultation_id_email_index")),
    )
    op.create_index(op.f("ix_follow_account_id"), "follow", ["account_id"], unique=False)
    op.add_column("consultation", sa.Column("grace_minutes", sa.Integer(), server_default="0", nullable=False))
    op.add_column("consultation", sa.Column("extensions", postgresql.JSONB(), server_default="[]", nullable=False))
    op.add_column("consultation", sa.Column("late_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("consultation", sa.Column("reminded_for", sa.DateTime(timezone=True), nullable=True))
    op.add_column("submission", sa.Column("late", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("submission", "late")
    op.drop_column("consultation", "reminded_for")
    op.drop_column("consultation", "late_until")
    op.drop_column("consultation", "extensions")
    op.drop_column("consultation", "grace_minutes")
    op.drop_index(op.f("ix_follow_account_id"), table_name="follow")
    op.drop_table("follow")
