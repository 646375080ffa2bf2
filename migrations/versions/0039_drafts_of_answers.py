"""What somebody has written of an answer is kept for them until it is published."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    keys = (("argument_id", "argument"), ("account_id", "account"))
    op.create_table(
        "response_draft",
        *(sa.Column(column, sa.BigInteger(), nullable=False) for column, _of in keys),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{of}.id"], name=op.f(f"fk_response_draft_{column}_{of}"))
            for column, of in keys
        ),
        sa.PrimaryKeyConstraint("argument_id", "account_id", name=op.f("pk_response_draft")),
    )
    op.create_index("ix_response_draft_account", "response_draft", ["account_id"])


def downgrade() -> None:
    op.drop_table("response_draft")
