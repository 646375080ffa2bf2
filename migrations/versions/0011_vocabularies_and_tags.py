"""vocabularies and tags"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scheme",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("notation", sa.Text(), nullable=False),
        sa.Column("labels", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme")),
        sa.UniqueConstraint("notation", name=op.f("uq_scheme_notation")),
        sa.UniqueConstraint("uri", name=op.f("uq_scheme_uri")),
    )
    op.create_table(
        "term",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("scheme_id", sa.BigInteger(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("notation", sa.Text(), nullable=False),
        sa.Column("broader_id", sa.BigInteger(), nullable=True),
        sa.Column("labels", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("others", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["broader_id"], ["term.id"], name=op.f("fk_term_broader_id_term")),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_term_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("uri", name=op.f("uq_term_uri")),
    )
    op.create_index("ix_term_broader", "term", ["broader_id"], unique=False)
    op.create_index("ix_term_order", "term", ["scheme_id", "position"], unique=False)
    op.create_table(
        "provision_tag",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("wid", sa.Text(), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        sa.Column("tagged_by", sa.BigInteger(), nullable=False),
        sa.Column("tagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_provision_tag_document_id_document"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tagged_by"], ["account.id"], name=op.f("fk_provision_tag_tagged_by_account")),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_provision_tag_term_id_term")),
        sa.PrimaryKeyConstraint("document_id", "wid", "term_id", name=op.f("pk_provision_tag")),
    )
    op.create_index("ix_provision_tag_term", "provision_tag", ["term_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_provision_tag_term", table_name="provision_tag")
    op.drop_table("provision_tag")
    op.drop_index("ix_term_order", table_name="term")
    op.drop_index("ix_term_broader", table_name="term")
    op.drop_table("term")
    op.drop_table("scheme")
