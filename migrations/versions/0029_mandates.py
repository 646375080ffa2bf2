"""Evidence that is for moderators only, such as the mandate of a coalition."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evidence", sa.Column("private", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("evidence", "private")
