"""Answers to moderators; one promise

What an author answers is sealed beside the words it replaced. The promise of working days is the public policy's alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("former_words", sa.Column("reply", sa.LargeBinary(), nullable=True))
    op.drop_column("moderation_desk", "days")  # its check goes with it


def downgrade() -> None:
    op.add_column("moderation_desk", sa.Column("days", sa.Integer(), server_default="3", nullable=False))
    op.alter_column("moderation_desk", "days", server_default=None)
    op.create_check_constraint(
        op.f("ck_moderation_desk_days_of_a_promise"), "moderation_desk", "days BETWEEN 1 AND 60"
    )  # fmt: skip
    op.drop_column("former_words", "reply")
