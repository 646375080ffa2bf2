"""redacted words"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comment", sa.Column("redacted_body", sa.Text(), nullable=True))
    op.add_column("comment", sa.Column("redactions", postgresql.JSONB(astext_type=sa.Text()), nullable=True))


def downgrade() -> None:
    op.drop_column("comment", "redactions")
    op.drop_column("comment", "redacted_body")
