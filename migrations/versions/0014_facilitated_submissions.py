"""Facilitated submissions"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "facilitator",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("allowed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_facilitator_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_facilitator_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facilitator")),
        sa.UniqueConstraint("consultation_id", "account_id", name=op.f("uq_facilitator_consultation_id_account_id")),
    )
    op.create_index(op.f("ix_facilitator_account_id"), "facilitator", ["account_id"], unique=False)
    op.create_table(
        "facilitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=True),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column(
            "consent", sa.Enum("spoken", "written", name="consent", native_enum=False, length=24), nullable=False
        ),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("present > 0", name=op.f("ck_facilitation_somebody_was_there")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_facilitation_account_id_account")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_facilitation_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_facilitation_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facilitation")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_facilitation_submission_id")),
    )
    op.create_index(op.f("ix_facilitation_account_id"), "facilitation", ["account_id"], unique=False)
    op.create_index(
        "uq_facilitation_open",
        "facilitation",
        ["consultation_id", "account_id"],
        unique=True,
        postgresql_where="submission_id IS NULL",
    )
    op.add_column("submission", sa.Column("present", sa.Integer(), nullable=True))
    op.create_index(
        "ix_submission_present",
        "submission",
        ["consultation_id", "state"],
        unique=False,
        postgresql_where="present IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_index("ix_submission_present", table_name="submission", postgresql_where="present IS NOT NULL")
    op.drop_column("submission", "present")
    op.drop_index("uq_facilitation_open", table_name="facilitation", postgresql_where="submission_id IS NULL")
    op.drop_index(op.f("ix_facilitation_account_id"), table_name="facilitation")
    op.drop_table("facilitation")
    op.drop_index(op.f("ix_facilitator_account_id"), table_name="facilitator")
    op.drop_table("facilitator")
