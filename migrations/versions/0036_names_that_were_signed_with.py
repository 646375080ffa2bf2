"""A co-signature keeps the name that its organisation had when it signed."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cosignature", sa.Column("signed_as", sa.Text(), nullable=True))
    op.execute(
        "UPDATE cosignature SET signed_as = o.name FROM organisation o "
        "WHERE o.id = organisation_id AND confirmed_at IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_column("cosignature", "signed_as")
