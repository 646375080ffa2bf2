"""Calls store whether a member or the scheduler closed them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261129l_call_closed_by"
down_revision = "20261129l_appraisal_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("closed_by_clock", sa.Boolean(), server_default="false", nullable=False))
    op.execute("UPDATE call SET closed_by_clock = true WHERE closed_at >= ends_at")


def downgrade() -> None:
    op.drop_column("call", "closed_by_clock")
