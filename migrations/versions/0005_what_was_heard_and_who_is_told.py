"""what was heard and who is told"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heard_count",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "dimension", "key", name=op.f("pk_heard_count")),
    )
    op.create_table(
        "heard_text",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "place", "text_hash", name=op.f("pk_heard_text")),
    )
    op.create_table(
        "digest_reader",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_digest_reader_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_digest_reader")),
    )
    op.create_table(
        "digest_refused",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "cadence",
            sa.Enum("daily", "weekly", "closing", "immediate", "demand", name="cadence", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("slot_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_digest_refused_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("consultation_id", "cadence", name=op.f("pk_digest_refused")),
    )
    op.create_table(
        "early_warning",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_early_warning_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("consultation_id", name=op.f("pk_early_warning")),
    )
    op.create_table(
        "heard_summary",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_heard_summary_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("consultation_id", name=op.f("pk_heard_summary")),
    )
    op.create_table(
        "digest_quote",
        sa.Column("digest_id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name=op.f("fk_digest_quote_digest_id_digest")),
        sa.PrimaryKeyConstraint("digest_id", "comment_id", name=op.f("pk_digest_quote")),
    )
    op.create_index("ix_digest_quote_submission", "digest_quote", ["submission_id", "digest_id"], unique=False)
    op.create_table(
        "digest_waiting",
        sa.Column("digest_id", sa.BigInteger(), nullable=False),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_digest_waiting_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name=op.f("fk_digest_waiting_digest_id_digest")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_digest_waiting_subscription_id_subscription"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest_id", "subscription_id", name=op.f("pk_digest_waiting")),
    )
    op.create_index(op.f("ix_digest_waiting_account_id"), "digest_waiting", ["account_id"], unique=False)
    op.create_table(
        "heard_counted",
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("unplaced", sa.Boolean(), nullable=False),
        sa.Column("spots", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("facts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_heard_counted_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_heard_counted")),
    )
    op.create_index(
        "ix_heard_counted_unplaced",
        "heard_counted",
        ["consultation_id", "submission_id"],
        unique=False,
        postgresql_where="unplaced",
    )
    op.drop_constraint(op.f("uq_delivery_letter_id"), "delivery", type_="unique")
    op.create_index(op.f("ix_delivery_letter_id"), "delivery", ["letter_id"], unique=False)
    op.add_column("letter_content", sa.Column("attached", sa.LargeBinary(), nullable=True))
    op.add_column("subscription", sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("subscription", "paused_until")
    op.drop_column("letter_content", "attached")
    op.drop_index(op.f("ix_delivery_letter_id"), table_name="delivery")
    op.create_unique_constraint(
        op.f("uq_delivery_letter_id"), "delivery", ["letter_id"], postgresql_nulls_not_distinct=False
    )
    op.drop_index("ix_heard_counted_unplaced", table_name="heard_counted", postgresql_where="unplaced")
    op.drop_table("heard_counted")
    op.drop_index(op.f("ix_digest_waiting_account_id"), table_name="digest_waiting")
    op.drop_table("digest_waiting")
    op.drop_index("ix_digest_quote_submission", table_name="digest_quote")
    op.drop_table("digest_quote")
    op.drop_table("heard_summary")
    op.drop_table("early_warning")
    op.drop_table("digest_refused")
    op.drop_table("digest_reader")
    op.drop_table("heard_text")
    op.drop_table("heard_count")
