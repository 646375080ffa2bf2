"""The last heartbeat at which the scheduler trusted the system time."""

import sqlalchemy as sa
from alembic import op

revision = "20261128c"
down_revision = "20261128b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clock_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("boot", sa.Text(), nullable=False),
        sa.Column("uptime", sa.Float(), nullable=False),
        sa.Column("doubt", sa.Text(), nullable=True),
        sa.Column("doubt_seconds", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_clock_state"),
    )


def downgrade() -> None:
    op.drop_table("clock_state")
