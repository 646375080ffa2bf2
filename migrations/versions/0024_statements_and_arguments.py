"""Statements, the arguments that they make, and who did what to these."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "argument_cursor",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", name=op.f("pk_argument_cursor")),
    )
    op.create_table(
        "argument_ground",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("rule", sa.Integer(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=False),
        sa.Column("directions", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("fresh", sa.Integer(), nullable=False),
        sa.Column("fitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("consultation_id", "place", name=op.f("pk_argument_ground")),
    )
    op.create_table(
        "argument",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phrases", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("centre", sa.LargeBinary(), nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("voices", sa.Integer(), nullable=False),
        sa.Column("statements", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_argument_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["merged_into_id"], ["argument.id"], name=op.f("fk_argument_merged_into_id_argument")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_argument")),
    )
    op.create_index("ix_argument_at", "argument", ["consultation_id", "place", "stance"], unique=False)
    op.create_index(op.f("ix_argument_merged_into_id"), "argument", ["merged_into_id"], unique=False)
    op.create_table(
        "argument_act",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("argument_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "deed",
            sa.Enum("named", "merged", "split", "moved", "taken_out", name="deed", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claims", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_argument_act_account_id_account")),
        sa.ForeignKeyConstraint(["argument_id"], ["argument.id"], name=op.f("fk_argument_act_argument_id_argument")),
        sa.ForeignKeyConstraint(["other_id"], ["argument.id"], name=op.f("fk_argument_act_other_id_argument")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_argument_act")),
    )
    op.create_index("ix_argument_act_argument", "argument_act", ["argument_id", "id"], unique=False)
    op.execute(
        """
        CREATE FUNCTION argument_acts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'what was done to an argument stays written';
        END $$;
        CREATE TRIGGER argument_acts_stay BEFORE UPDATE OR DELETE ON argument_act
            FOR EACH ROW EXECUTE FUNCTION argument_acts_stay();
        """
    )
    op.create_table(
        "argument_voice",
        sa.Column("argument_id", sa.BigInteger(), nullable=False),
        sa.Column("submitter", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["argument_id"], ["argument.id"], name=op.f("fk_argument_voice_argument_id_argument"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("argument_id", "submitter", name=op.f("pk_argument_voice")),
    )
    op.create_table(
        "claim",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("submitter", sa.Text(), nullable=False),
        sa.Column("argument_id", sa.BigInteger(), nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("coded", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(["argument_id"], ["argument.id"], name=op.f("fk_claim_argument_id_argument")),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_claim_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    op.create_index("ix_claim_argument", "claim", ["argument_id", "id"], unique=False)
    op.create_index("ix_claim_comment", "claim", ["comment_id"], unique=False)
    op.create_index("ix_claim_place", "claim", ["consultation_id", "place", "stance", "id"], unique=False)
    op.create_index("ix_claim_submission", "claim", ["submission_id"], unique=False)
    op.create_index("ix_claim_text", "claim", ["consultation_id", "text_hash"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_claim_text", table_name="claim")
    op.drop_index("ix_claim_submission", table_name="claim")
    op.drop_index("ix_claim_place", table_name="claim")
    op.drop_index("ix_claim_comment", table_name="claim")
    op.drop_index("ix_claim_argument", table_name="claim")
    op.drop_table("claim")
    op.drop_table("argument_voice")
    op.drop_index("ix_argument_act_argument", table_name="argument_act")
    op.drop_table("argument_act")
    op.execute("DROP FUNCTION argument_acts_stay()")
    op.drop_index(op.f("ix_argument_merged_into_id"), table_name="argument")
    op.drop_index("ix_argument_at", table_name="argument")
    op.drop_table("argument")
    op.drop_table("argument_ground")
    op.drop_table("argument_cursor")
