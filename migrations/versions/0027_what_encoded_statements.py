"""What encoded the statements of a place, where more than their words was compared."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("argument_ground", sa.Column("encoder", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("argument_ground", "encoder")
