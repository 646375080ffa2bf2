"""Files people send, and the evidence of submissions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("waiting", "clean", "held", "refused", name="state", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clean_kind", sa.Text(), nullable=True),
        sa.Column("clean_size", sa.Integer(), nullable=True),
        sa.Column("removed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("folder", name=op.f("uq_stored_file_folder")),
    )
    op.create_index(op.f("ix_stored_file_checked_at"), "stored_file", ["checked_at"], unique=False)
    op.create_index(op.f("ix_stored_file_created_at"), "stored_file", ["created_at"], unique=False)
    op.create_index(
        "ix_stored_file_due", "stored_file", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL"
    )
    op.create_index(
        "ix_stored_file_words",
        "stored_file",
        [sa.literal_column("to_tsvector('simple'::regconfig, text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("scheme", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "study",
                "statistics",
                "case_study",
                "testimony",
                "legal_text",
                name="evidencekind",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(file_id IS NULL) <> (reference IS NULL)", name=op.f("ck_evidence_file_or_reference")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_evidence_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_evidence_file_id_stored_file"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_evidence_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_file_id"), "evidence", ["file_id"], unique=False)
    op.create_index("ix_evidence_listed", "evidence", ["consultation_id", "id"], unique=False, postgresql_where="shown")
    op.create_index("ix_evidence_submission", "evidence", ["submission_id", "position"], unique=False)
    op.add_column(
        "draft", sa.Column("file_ids", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("draft", "file_ids")
    op.drop_index("ix_evidence_submission", table_name="evidence")
    op.drop_index("ix_evidence_listed", table_name="evidence", postgresql_where="shown")
    op.drop_index(op.f("ix_evidence_file_id"), table_name="evidence")
    op.drop_table("evidence")
    op.drop_index("ix_stored_file_words", table_name="stored_file", postgresql_using="gin")
    op.drop_index("ix_stored_file_due", table_name="stored_file", postgresql_where="due_at IS NOT NULL")
    op.drop_index(op.f("ix_stored_file_created_at"), table_name="stored_file")
    op.drop_index(op.f("ix_stored_file_checked_at"), table_name="stored_file")
    op.drop_table("stored_file")
