"""Decisions on case studies, with a second person and half a minute to undo. Each current decision gets a row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201c_case_study_decisions"
down_revision = "20261201b_hold_signal_reports"
branch_labels = None
depends_on = None

FILL = """
INSERT INTO case_study_decision (case_study_id, moderator_id, outcome, note, mark, policy, at, ended, ended_at)
SELECT id, decided_by_id,
       CASE WHEN state <> 'withdrawn' THEN 'return' WHEN withdrawn_by = 'publisher' THEN 'retract' ELSE 'withdraw' END,
       CASE WHEN state <> 'withdrawn' THEN returned_why ELSE withdrawn_why END,
       '', 1, decided_at, 'took_effect', decided_at
FROM case_study
WHERE decided_at IS NOT NULL AND decided_by_id IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "case_study_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("case_study_id", sa.BigInteger(), nullable=False),
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
        sa.CheckConstraint("second_id <> moderator_id", name=op.f("ck_case_study_decision_two_are_two")),
        sa.ForeignKeyConstraint(
            ["case_study_id"],
            ["case_study.id"],
            name="fk_case_study_decision_case_study_id_case_study",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["moderator_id"], ["account.id"], name="fk_case_study_decision_moderator_id_account"),
        sa.ForeignKeyConstraint(["second_id"], ["account.id"], name="fk_case_study_decision_second_id_account"),
        sa.ForeignKeyConstraint(["reason"], ["reason.code"], name="fk_case_study_decision_reason_reason"),
        sa.PrimaryKeyConstraint("id", name="pk_case_study_decision"),
    )
    op.create_index(
        "uq_case_study_decision_open",
        "case_study_decision",
        ["case_study_id"],
        unique=True,
        postgresql_where=sa.text("ended IS NULL"),
    )
    op.create_index("ix_case_study_decision_item", "case_study_decision", ["case_study_id", "id"])
    op.create_index(
        "ix_case_study_decision_due", "case_study_decision", ["due_at"], postgresql_where=sa.text("ended IS NULL")
    )
    op.execute(FILL)


def downgrade() -> None:
    """Drop the decisions. Those that still wait are lost, so their subjects are undecided."""
    op.drop_table("case_study_decision")
