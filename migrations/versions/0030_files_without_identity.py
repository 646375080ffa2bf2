"""Files that are sent without identity, of which neither name nor original is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stored_file", sa.Column("nameless", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("stored_file", "nameless")
