"""Evidence is found by its words, and tagged with terms; what was indexed before is indexed anew, from the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def _begin_anew() -> None:
    """The index is derived: whoever follows the ledger next fills it again."""
    op.execute("DELETE FROM search_indexed")
    op.execute("DELETE FROM search_followed")


def upgrade() -> None:
    _begin_anew()
    op.create_table(
        "evidence_tag",
        sa.Column("evidence_id", sa.BigInteger(), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        sa.Column("tagged_by", sa.BigInteger(), nullable=False),
        sa.Column("tagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_tag_evidence_id_evidence"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tagged_by"], ["account.id"], name=op.f("fk_evidence_tag_tagged_by_account")),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_evidence_tag_term_id_term")),
        sa.PrimaryKeyConstraint("evidence_id", "term_id", name=op.f("pk_evidence_tag")),
    )
    op.create_index("ix_evidence_tag_term", "evidence_tag", ["term_id"], unique=False)
    op.drop_index("ix_evidence_listed", table_name="evidence", postgresql_where="shown")
    op.create_index("ix_evidence_consultation", "evidence", ["consultation_id"], unique=False, postgresql_where="shown")
    op.drop_index("ix_stored_file_words", table_name="stored_file", postgresql_using="gin")
    op.add_column("search_indexed", sa.Column("evidence_id", sa.BigInteger(), nullable=True))
    op.alter_column("search_indexed", "comment_id", existing_type=sa.BigInteger(), nullable=True)
    op.alter_column("search_indexed", "made_from", existing_type=sa.LargeBinary(), nullable=True)
    op.create_unique_constraint(op.f("uq_search_indexed_evidence_id"), "search_indexed", ["evidence_id"])
    op.create_foreign_key(
        op.f("fk_search_indexed_evidence_id_evidence"), "search_indexed", "evidence", ["evidence_id"], ["id"],
        ondelete="CASCADE",
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_search_indexed_of_one_thing"), "search_indexed", "(comment_id IS NULL) <> (evidence_id IS NULL)"
    )


def downgrade() -> None:
    _begin_anew()
    op.drop_constraint(op.f("ck_search_indexed_of_one_thing"), "search_indexed", type_="check")
    op.drop_constraint(op.f("fk_search_indexed_evidence_id_evidence"), "search_indexed", type_="foreignkey")
    op.drop_constraint(op.f("uq_search_indexed_evidence_id"), "search_indexed", type_="unique")
    op.alter_column("search_indexed", "made_from", existing_type=sa.LargeBinary(), nullable=False)
    op.alter_column("search_indexed", "comment_id", existing_type=sa.BigInteger(), nullable=False)
    op.drop_column("search_indexed", "evidence_id")
    op.create_index(
        "ix_stored_file_words",
        "stored_file",
        [sa.literal_column("to_tsvector('simple'::regconfig, text)")],
        unique=False,
        postgresql_using="gin",
    )
    op.drop_index("ix_evidence_consultation", table_name="evidence", postgresql_where="shown")
    op.create_index("ix_evidence_listed", "evidence", ["consultation_id", "id"], unique=False, postgresql_where="shown")
    op.drop_index("ix_evidence_tag_term", table_name="evidence_tag")
    op.drop_table("evidence_tag")
