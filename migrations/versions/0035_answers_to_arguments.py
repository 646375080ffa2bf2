"""Answers to arguments, what they said before, who owes them, and the letters that tell of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_OUTCOMES = ("accepted", "in_part", "not_accepted", "out_of_scope", "deferred")


def _said(table: str) -> list[sa.schema.SchemaItem]:
    """What an answer says."""
    keys = (("version_id", "version"), ("provision_id", "provision"), ("account_id", "account"))
    return [
        sa.Column("outcome", sa.Enum(*_OUTCOMES, name="outcome", native_enum=False, length=24), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("provision_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        *(sa.ForeignKeyConstraint([key], [f"{of}.id"], name=op.f(f"fk_{table}_{key}_{of}")) for key, of in keys),
    ]


def _key(table: str, column: str, of: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{of}.id"], name=op.f(f"fk_{table}_{column}_{of}"))


def upgrade() -> None:
    op.create_index(
        "ix_argument_voices", "argument", ["consultation_id", sa.text("voices DESC"), "id"],
        postgresql_where=sa.text("merged_into_id IS NULL"),
    )  # fmt: skip
    op.create_table(
        "response",
        *_said("response"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("argument_id", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("reasons <> ''", name=op.f("ck_response_gives_reasons")),
        sa.CheckConstraint("(outcome = 'deferred') = (due_on IS NOT NULL)", name=op.f("ck_response_deferred_until")),
        _key("response", "argument_id", "argument"),
        _key("response", "consultation_id", "consultation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("argument_id", name=op.f("uq_response_argument_id")),
    )
    op.create_index("ix_response_consultation_id", "response", ["consultation_id"])
    op.create_index("ix_response_lately", "response", ["answered_at", "id"])
    op.create_table(
        "response_former",
        *_said("response_former"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("response_id", sa.BigInteger(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        _key("response_former", "response_id", "response"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_former")),
    )
    op.create_index("ix_response_former_response", "response_former", ["response_id", "id"])
    op.execute(
        """
        CREATE FUNCTION earlier_answers_stay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'what an answer said before stays written';
        END $$;
        CREATE TRIGGER earlier_answers_stay BEFORE UPDATE OR DELETE ON response_former
            FOR EACH ROW EXECUTE FUNCTION earlier_answers_stay();
        """
    )
    op.create_table(
        "obligation",
        sa.Column("argument_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("given_by", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        _key("obligation", "argument_id", "argument"),
        _key("obligation", "given_by", "account"),
        _key("obligation", "owner_id", "account"),
        sa.PrimaryKeyConstraint("argument_id", name=op.f("pk_obligation")),
    )
    op.create_index("ix_obligation_owner", "obligation", ["owner_id"])
    _letters()


def _letters() -> None:
    op.create_table(
        "response_round",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _key("response_round", "consultation_id", "consultation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_round")),
        sa.UniqueConstraint("consultation_id", "day", name=op.f("uq_response_round_consultation_id_day")),
        sa.UniqueConstraint("consultation_id", "since", name=op.f("uq_response_round_consultation_id_since")),
    )
    op.create_table(
        "response_notice",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        _key("response_notice", "round_id", "response_round"),
        _key("response_notice", "submission_id", "submission"),
        sa.PrimaryKeyConstraint("round_id", "recipient", name=op.f("pk_response_notice")),
    )


def downgrade() -> None:
    for table in ("response_notice", "response_round", "obligation"):
        op.drop_table(table)
    op.execute("DROP TRIGGER earlier_answers_stay ON response_former; DROP FUNCTION earlier_answers_stay()")
    op.drop_table("response_former")
    op.drop_table("response")
    op.drop_index("ix_argument_voices", table_name="argument")
