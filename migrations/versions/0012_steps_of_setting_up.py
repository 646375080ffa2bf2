"""Steps of setting up"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
NAMES = '["organisation", "own", "pseudonym", "none"]'


def upgrade() -> None:
    op.add_column(
        "consultation",
        sa.Column(
            "takes_part",
            sa.Enum("anyone", "account", name="takespart", native_enum=False, length=24),
            server_default="anyone",
            nullable=False,
        ),
    )
    op.add_column("consultation", sa.Column("eligible", sa.Text(), server_default="", nullable=False))
    op.add_column("consultation", sa.Column("name_rules", postgresql.JSONB(), server_default=NAMES, nullable=False))
    op.add_column("consultation", sa.Column("groups", postgresql.JSONB(), server_default="[]", nullable=False))
    op.add_column("consultation", sa.Column("languages", postgresql.JSONB(), server_default="[]", nullable=False))
    op.add_column("consultation", sa.Column("settled", postgresql.JSONB(), server_default="[]", nullable=False))
    op.add_column("consultation", sa.Column("preview", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("consultation", "preview")
    op.drop_column("consultation", "settled")
    op.drop_column("consultation", "languages")
    op.drop_column("consultation", "groups")
    op.drop_column("consultation", "name_rules")
    op.drop_column("consultation", "eligible")
    op.drop_column("consultation", "takes_part")
