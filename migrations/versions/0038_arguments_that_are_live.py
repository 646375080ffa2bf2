"""The arguments that statements make are counted in an index, for the lists that say how many are answered."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    live = "merged_into_id IS NULL AND statements > 0"
    op.create_index("ix_argument_live", "argument", ["consultation_id"], postgresql_where=live)


def downgrade() -> None:
    op.drop_index("ix_argument_live", table_name="argument")
