"""Who looks after what, and the working calendar of the promise."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moderation_desk",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.Text(), nullable=False),
        sa.Column("closed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.CheckConstraint("days BETWEEN 1 AND 60", name=op.f("ck_moderation_desk_days_of_a_promise")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_desk")),
    )
    op.create_table(
        "moderator_seat",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_moderator_seat_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_moderator_seat_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderator_seat")),
        sa.UniqueConstraint(
            "account_id", "consultation_id", "language",
            name=op.f("uq_moderator_seat_account_id_consultation_id_language"), postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_moderator_seat_consultation_id"), "moderator_seat", ["consultation_id"])


def downgrade() -> None:
    op.drop_table("moderator_seat")
    op.drop_table("moderation_desk")
