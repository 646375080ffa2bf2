"""Urgency, rows and incidents of waiting reports, alarms to people on call and their rota."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201p_signal_alarms"
down_revision = "20261201o_former_values"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_OLD_EMERGENCY = """UPDATE signal_link SET urgency = 1 FROM signal_report
    WHERE signal_report.id = report_id AND standing = 'waiting' AND (deaths > 0 OR overdoses >= 10)"""


def upgrade() -> None:
    op.add_column("signal_report", sa.Column("arrival", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("signal_link", sa.Column("urgency", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("signal_link", sa.Column("fold", sa.LargeBinary(), nullable=False, server_default=""))
    op.add_column("signal_link", sa.Column("incident", sa.Text(), nullable=False, server_default=""))
    op.execute(_OLD_EMERGENCY)
    op.create_table(
        "signal_alarm",
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("newest", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("flood_until", _TIME, nullable=True),
        sa.Column("taken_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("country", "kind", name="pk_signal_alarm"),
    )
    op.create_table(
        "signal_duty",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name="ck_signal_duty_in_order"),
        sa.CheckConstraint("position BETWEEN 1 AND 9", name="ck_signal_duty_few_positions"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_signal_duty_account_id_account", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_signal_duty"),
    )
    op.create_index("ix_signal_duty_account_id", "signal_duty", ["account_id"])
    op.create_index("ix_signal_duty_days", "signal_duty", ["ends_on", "starts_on"])
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_signal_link_urgent",
            "signal_link",
            ["urgency", "fold"],
            postgresql_where=sa.text("standing = 'waiting' AND urgency > 0"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_signal_link_urgent", "signal_link", postgresql_concurrently=True)
    op.drop_table("signal_duty")
    op.drop_table("signal_alarm")
    for column in ("incident", "fold", "urgency"):
        op.drop_column("signal_link", column)
    op.drop_column("signal_report", "arrival")
