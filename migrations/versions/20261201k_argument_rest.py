"""By type of comment, the last statement that was assigned to the nearest argument. Later ones wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261201k_argument_rest"
down_revision = "20261201j_positions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("argument_ground", sa.Column("rest", JSONB, server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("argument_ground", "rest")
