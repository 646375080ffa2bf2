"""Campaigns, statements and classes; what was counted before is counted anew, from the ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


_COUNTED = ("analysis_counted", "text_group", "place_count", "organisation_count", "analysis_cursor")
"""Everything that is derived: whoever follows the ledger next fills it again."""


def upgrade() -> None:
    for name in _COUNTED:
        op.execute(f"DELETE FROM {name}")  # noqa: S608 - names from above
    op.create_table(
        "analysis_text",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("rule", sa.Integer(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("quoting", sa.Boolean(), nullable=False),
        sa.Column("pointing", sa.Boolean(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "text_hash", name=op.f("pk_analysis_text")),
    )
    op.create_table(
        "class_count",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("exact", "letter", "shared", "individual", "attachment", name="kind", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "kind", name=op.f("pk_class_count")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("letter_hash", sa.LargeBinary(), nullable=False),
        sa.Column("versions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("core", sa.LargeBinary(), nullable=False),
        sa.Column("ours", sa.LargeBinary(), nullable=True),
        sa.Column("detected", sa.Boolean(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("organiser", sa.Text(), nullable=True),
        sa.Column("consent", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("declared_by", sa.BigInteger(), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("texts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("members", sa.Integer(), server_default="0", nullable=False),
        sa.Column("published", sa.Integer(), server_default="0", nullable=False),
        sa.Column("exact", sa.Integer(), server_default="0", nullable=False),
        sa.Column("adding", sa.Integer(), server_default="0", nullable=False),
        sa.Column("contrary", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_campaign_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["declared_by"], ["account.id"], name=op.f("fk_campaign_declared_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("consultation_id", "letter_hash", name=op.f("uq_campaign_consultation_id_letter_hash")),
    )
    op.create_table(
        "statement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column(
            "kind", sa.Enum("added", "removed", "contrary", name="change", native_enum=False, length=24), nullable=False
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_statement_campaign_id_campaign")),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_statement_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
    )
    op.create_index("ix_statement_campaign", "statement", ["campaign_id", "kind", "id"], unique=False)
    op.create_index("ix_statement_comment", "statement", ["comment_id"], unique=False)
    op.create_index("ix_statement_text", "statement", ["consultation_id", "text_hash", "id"], unique=False)
    op.add_column("analysis_cursor", sa.Column("placed", sa.Integer(), server_default="0", nullable=False))
    op.add_column("analysis_cursor", sa.Column("compared", sa.Integer(), server_default="0", nullable=False))
    op.add_column("analysis_cursor", sa.Column("passages", sa.LargeBinary(), server_default="", nullable=False))
    op.drop_column("analysis_cursor", "published_individually")
    op.drop_column("analysis_cursor", "published_in_campaigns")
    op.add_column("text_group", sa.Column("standing", sa.Integer(), server_default="0", nullable=False))
    op.add_column("text_group", sa.Column("sample_id", sa.BigInteger(), nullable=True))
    op.add_column("text_group", sa.Column("placed", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "text_group",
        sa.Column(
            "kind",
            sa.Enum("exact", "letter", "shared", "individual", "attachment", name="kind", native_enum=False, length=24),
            server_default="individual",
            nullable=False,
        ),
    )
    op.add_column("text_group", sa.Column("campaign_id", sa.BigInteger(), nullable=True))
    op.add_column("text_group", sa.Column("share", sa.Double(), server_default="0", nullable=False))
    op.add_column("text_group", sa.Column("adds", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("text_group", sa.Column("contrary", sa.Boolean(), server_default="false", nullable=False))
    op.create_index(
        "ix_text_group_alone",
        "text_group",
        ["consultation_id", "first_number"],
        unique=False,
        postgresql_where="campaign_id IS NULL",
    )
    op.create_index(
        "ix_text_group_members",
        "text_group",
        ["campaign_id", "text_hash"],
        unique=False,
        postgresql_where="campaign_id IS NOT NULL",
    )
    op.create_index("ix_text_group_placed", "text_group", ["consultation_id", "placed", "first_number"], unique=False)
    op.create_foreign_key(op.f("fk_text_group_campaign_id_campaign"), "text_group", "campaign", ["campaign_id"], ["id"])


def downgrade() -> None:
    for name in _COUNTED:
        op.execute(f"DELETE FROM {name}")  # noqa: S608 - names from above
    op.drop_constraint(op.f("fk_text_group_campaign_id_campaign"), "text_group", type_="foreignkey")
    op.drop_index("ix_text_group_placed", table_name="text_group")
    op.drop_index("ix_text_group_members", table_name="text_group", postgresql_where="campaign_id IS NOT NULL")
    op.drop_index("ix_text_group_alone", table_name="text_group", postgresql_where="campaign_id IS NULL")
    op.drop_column("text_group", "contrary")
    op.drop_column("text_group", "adds")
    op.drop_column("text_group", "share")
    op.drop_column("text_group", "campaign_id")
    op.drop_column("text_group", "kind")
    op.drop_column("text_group", "placed")
    op.drop_column("text_group", "sample_id")
    op.drop_column("text_group", "standing")
    op.add_column(
        "analysis_cursor", sa.Column("published_in_campaigns", sa.INTEGER(), autoincrement=False, nullable=False)
    )
    op.add_column(
        "analysis_cursor", sa.Column("published_individually", sa.INTEGER(), autoincrement=False, nullable=False)
    )
    op.drop_column("analysis_cursor", "passages")
    op.drop_column("analysis_cursor", "compared")
    op.drop_column("analysis_cursor", "placed")
    op.drop_index("ix_statement_text", table_name="statement")
    op.drop_index("ix_statement_comment", table_name="statement")
    op.drop_index("ix_statement_campaign", table_name="statement")
    op.drop_table("statement")
    op.drop_table("campaign")
    op.drop_table("class_count")
    op.drop_table("analysis_text")
