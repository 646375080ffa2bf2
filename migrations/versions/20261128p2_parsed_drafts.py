"""Pasted drafts that a worker parses, and the parsed outlines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128p2"
down_revision = "20261128p"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draft_import", sa.Column("form", sa.String(24), server_default="file", nullable=False))
    op.add_column("draft_import", sa.Column("text_hash", sa.LargeBinary(), nullable=True))
    op.add_column("draft_import", sa.Column("outline", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("draft_import", "outline")
    op.drop_column("draft_import", "text_hash")
    op.drop_column("draft_import", "form")
