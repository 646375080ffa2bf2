"""Public pages of outcomes, practice consultations, and notes beside shared drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128w"
down_revision = "20261128v"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisation", sa.Column("outcomes_address", sa.Text(), nullable=True))
    op.add_column("consultation", sa.Column("practice_until", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint("uq_organisation_outcomes_address", "organisation", ["outcomes_address"])
    op.create_table(
        "written_group",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        _reference("written_group", "submission"),
        sa.PrimaryKeyConstraint("submission_id", name="pk_written_group"),
    )
    op.create_table(
        "coalition_note",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        _reference("coalition_note", "draft"),
        _reference("coalition_note", "organisation"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_coalition_note_account_id_account", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_coalition_note"),
    )
    op.create_index("ix_coalition_note_draft", "coalition_note", ["draft_id", "id"])
    op.create_table(
        "coalition_reader",
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        _reference("coalition_reader", "draft"),
        _reference("coalition_reader", "organisation"),
        sa.PrimaryKeyConstraint("draft_id", "organisation_id", name="pk_coalition_reader"),
    )
    op.create_index("ix_coalition_reader_organisation_id", "coalition_reader", ["organisation_id"])
    op.execute(
        "CREATE VIEW readable_written_group AS "
        'SELECT written_group.submission_id, written_group."group" FROM written_group'
    )


def _reference(table: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f"{to}_id"], [f"{to}.id"], name=f"fk_{table}_{to}_id_{to}", ondelete="CASCADE")


def downgrade() -> None:
    op.execute("DROP VIEW readable_written_group")
    op.drop_table("coalition_reader")
    op.drop_table("coalition_note")
    op.drop_table("written_group")
    op.drop_constraint("uq_organisation_outcomes_address", "organisation")
    op.drop_column("consultation", "practice_until")
    op.drop_column("organisation", "outcomes_address")
