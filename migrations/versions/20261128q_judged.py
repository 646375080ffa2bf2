"""The last method by which added words of a letter were judged: by meaning, or by rules alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128q"
down_revision = "20261128p2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("judged", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("campaign", "judged")
