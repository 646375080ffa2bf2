"""Labels that people give statements, and what is learnt from them."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "argument_learning",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "code", name=op.f("pk_argument_learning")),
    )
    op.create_table(
        "argument_code",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_argument_code_added_by_account")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_argument_code_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_argument_code_term_id_term")),
        sa.PrimaryKeyConstraint("consultation_id", "term_id", name=op.f("pk_argument_code")),
    )
    op.create_table(
        "argument_label",
        sa.Column("claim_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_argument_label_account_id_account")),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claim.id"], name=op.f("fk_argument_label_claim_id_claim"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("claim_id", "code", name=op.f("pk_argument_label")),
    )
    op.create_index("ix_argument_label_code", "argument_label", ["consultation_id", "code"], unique=False)
    op.create_table(
        "argument_suggestion",
        sa.Column("claim_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("sure", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claim.id"], name=op.f("fk_argument_suggestion_claim_id_claim"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("claim_id", "code", name=op.f("pk_argument_suggestion")),
    )
    op.create_index(
        "ix_argument_suggestion_code", "argument_suggestion", ["consultation_id", "code", "sure"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_argument_suggestion_code", table_name="argument_suggestion")
    op.drop_table("argument_suggestion")
    op.drop_index("ix_argument_label_code", table_name="argument_label")
    op.drop_table("argument_label")
    op.drop_table("argument_code")
    op.drop_table("argument_learning")
