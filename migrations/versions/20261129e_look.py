"""The declared letter of a call, the notes visible when a submission was sent, and paragraphs in plain words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261129e_look"
down_revision = "20261129d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("campaign_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_call_campaign_id_campaign", "call", "campaign", ["campaign_id"], ["id"])
    with op.get_context().autocommit_block():
        op.create_index("ix_call_campaign", "call", ["campaign_id"], postgresql_concurrently=True)
    op.create_table(
        "open_note",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _reference("submission"),
        _reference("organisation"),
        sa.PrimaryKeyConstraint("submission_id", "organisation_id", name="pk_open_note"),
    )
    op.create_index("ix_open_note_organisation_id", "open_note", ["organisation_id"])
    op.create_table(
        "plain_words",
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wid", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint("length(words) BETWEEN 1 AND 300", name="ck_plain_words_short"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name="fk_plain_words_document_id_document", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", "wid", name="pk_plain_words"),
    )


def _reference(to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f"{to}_id"], [f"{to}.id"], name=f"fk_open_note_{to}_id_{to}", ondelete="CASCADE")


def downgrade() -> None:
    op.drop_table("plain_words")
    op.drop_table("open_note")
    with op.get_context().autocommit_block():
        op.drop_index("ix_call_campaign", "call", postgresql_concurrently=True, if_exists=True)
    op.drop_constraint("fk_call_campaign_id_campaign", "call", type_="foreignkey")
    op.drop_column("call", "campaign_id")
