"""The countries a consultation is for; later versions of drafts, the last published first

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "consultation",
        sa.Column("countries", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
    )
    op.create_index(
        "ix_version_followed",
        "version",
        ["published_at", "id"],
        postgresql_where=sa.text("number > 1 AND published_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_version_followed", table_name="version")
    op.drop_column("consultation", "countries")
