"""Decisions on reports on actions, with a second person and half a minute to undo. Each current decision gets a row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201c_report_decisions"
down_revision = "20261201c_case_study_decisions"
branch_labels = None
depends_on = None

FILL = """
INSERT INTO action_report_decision
    (action_report_id, moderator_id, outcome, reason, note, mark, policy, at, ended, ended_at)
SELECT id, decided_by, CASE WHEN state = 'withheld' THEN 'withhold' ELSE 'publish' END, reason, '', '', 1,
       decided_at, 'took_effect', decided_at
FROM action_report
WHERE decided_at IS NOT NULL AND decided_by IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "action_report_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("action_report_id", sa.BigInteger(), nullable=False),
        sa.Column("moderator_id", sa.BigInteger(), nullable=False),
        sa.Column("second_id", sa.BigInteger()),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("ended", sa.String(24)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("second_id <> moderator_id", name=op.f("ck_action_report_decision_two_are_two")),
        sa.ForeignKeyConstraint(
            ["action_report_id"],
            ["action_report.id"],
            name="fk_action_report_decision_action_report_id_action_report",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["account.id"], name="fk_action_report_decision_moderator_id_account"
        ),
        sa.ForeignKeyConstraint(["second_id"], ["account.id"], name="fk_action_report_decision_second_id_account"),
        sa.ForeignKeyConstraint(["reason"], ["reason.code"], name="fk_action_report_decision_reason_reason"),
        sa.PrimaryKeyConstraint("id", name="pk_action_report_decision"),
    )
    op.create_index(
        "uq_action_report_decision_open",
        "action_report_decision",
        ["action_report_id"],
        unique=True,
        postgresql_where=sa.text("ended IS NULL"),
    )
    op.create_index("ix_action_report_decision_item", "action_report_decision", ["action_report_id", "id"])
    op.create_index(
        "ix_action_report_decision_due", "action_report_decision", ["due_at"], postgresql_where=sa.text("ended IS NULL")
    )
    op.execute(FILL)


def downgrade() -> None:
    """Drop the decisions. Those that still wait are lost, so their subjects are undecided."""
    op.drop_table("action_report_decision")
