"""Participants' evaluations, and the counts of synopsis reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128n"
down_revision = "20261128m"
branch_labels = None
depends_on = None

_QUESTIONS = ("clear", "said", "seen", "time", "again")


def upgrade() -> None:
    op.create_table(
        "evaluation_opening",
        sa.Column("consultation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        _consultation("evaluation_opening"),
        sa.PrimaryKeyConstraint("consultation_id", name="pk_evaluation_opening"),
    )
    op.create_table(
        "evaluation_notice",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        _consultation("evaluation_notice"),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name="fk_evaluation_notice_submission_id_submission"
        ),
        sa.PrimaryKeyConstraint("consultation_id", "recipient", name="pk_evaluation_notice"),
    )
    op.create_index("ix_evaluation_notice_submission", "evaluation_notice", ["submission_id"])
    op.create_table(
        "evaluation",
        sa.Column("author", sa.LargeBinary(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in _QUESTIONS),
        sa.Column("remark_sealed", sa.LargeBinary(), nullable=True),
        *(
            sa.CheckConstraint(f'"{name}" BETWEEN 0 AND 5', name=f"ck_evaluation_{name}_on_scale")
            for name in _QUESTIONS
        ),
        _consultation("evaluation"),
        sa.PrimaryKeyConstraint("author", name="pk_evaluation"),
    )
    op.create_index("ix_evaluation_consultation", "evaluation", ["consultation_id"])


def _consultation(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_consultation_id_consultation"
    return sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("evaluation", "evaluation_notice", "evaluation_opening"):
        op.drop_table(table)
