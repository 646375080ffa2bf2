"""Outlines of file texts, and the block of a position paper that a comment was taken from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261202i_paper_places"
down_revision = "20261202g_webhooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stored_file", sa.Column("outline", JSONB(), nullable=False, server_default="[]"))
    op.add_column("comment", sa.Column("paper_place", JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("comment", "paper_place")
    op.drop_column("stored_file", "outline")
