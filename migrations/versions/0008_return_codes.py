"""return codes, former words and a switch for no identity"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "former_words",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_former_words_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_words")),
        sa.UniqueConstraint("submission_id", "number", name=op.f("uq_former_words_submission_id_number")),
    )
    op.add_column("consultation", sa.Column("no_identity", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("draft", sa.Column("traceless", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("submission", sa.Column("return_key", sa.LargeBinary(), nullable=True))
    op.create_unique_constraint(op.f("uq_submission_return_key"), "submission", ["return_key"])


def downgrade() -> None:

    op.drop_constraint(op.f("uq_submission_return_key"), "submission", type_="unique")
    op.drop_column("submission", "return_key")
    op.drop_column("draft", "traceless")
    op.drop_column("consultation", "no_identity")
    op.drop_table("former_words")
