"""Links sent by e-mail store the language of their e-mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261129l_link_language"
down_revision = "20261129l_call_closed_by"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("link_token", sa.Column("language", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("link_token", "language")
