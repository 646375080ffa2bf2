"""Pairs of reports that a person marked as different are not suggested as duplicates again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261129l_signal_apart"
down_revision = "20261129l_report_files"
branch_labels = None
depends_on = None


def _foreign(column: str, to: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_signal_apart_{column}_{to}", ondelete=ondelete)


def upgrade() -> None:
    op.create_table(
        "signal_apart",
        sa.Column("first_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("second_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id < second_id", name="ck_signal_apart_in_order"),
        _foreign("first_id", "signal_report"),
        _foreign("second_id", "signal_report"),
        _foreign("by_id", "account", "SET NULL"),
        sa.PrimaryKeyConstraint("first_id", "second_id", name="pk_signal_apart"),
    )
    op.create_index("ix_signal_apart_second_id", "signal_apart", ["second_id"])
    op.create_index("ix_signal_apart_by_id", "signal_apart", ["by_id"])


def downgrade() -> None:
    op.drop_table("signal_apart")
