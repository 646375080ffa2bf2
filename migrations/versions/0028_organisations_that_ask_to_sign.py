"""Organisations that ask of themselves to sign what another has published."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("cosignature", "invited_at", existing_type=sa.DateTime(timezone=True), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM cosignature WHERE invited_at IS NULL")
    op.alter_column("cosignature", "invited_at", existing_type=sa.DateTime(timezone=True), nullable=False)
