"""The number of submissions at the last comparison of all texts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128o"
down_revision = "20261128n"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("analysis_state", sa.Column("compared_received", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("analysis_state", "compared_received")
