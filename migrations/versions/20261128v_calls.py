"""Calls of organisations for comments in their members' own words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261128v"
down_revision = "20261128u"
branch_labels = None
depends_on = None

_RUNNING = sa.text("opened_at IS NOT NULL AND closed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "call",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("places", JSONB(), nullable=False),
        sa.Column("texts", JSONB(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        _reference("call", "organisation"),
        _reference("call", "consultation"),
        sa.PrimaryKeyConstraint("id", name="pk_call"),
        sa.UniqueConstraint("slug", name="uq_call_slug"),
    )
    op.create_index("ix_call_organisation", "call", ["organisation_id", "id"])
    op.create_index("ix_call_consultation", "call", ["consultation_id", "id"])
    op.create_index("ix_call_running", "call", ["ends_at"], postgresql_where=_RUNNING)
    op.create_table(
        "call_voice",
        sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        _reference("call_voice", "submission"),
        _reference("call_voice", "call"),
        sa.PrimaryKeyConstraint("submission_id", name="pk_call_voice"),
    )
    op.create_index("ix_call_voice_call_id", "call_voice", ["call_id"])


def _reference(table: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([f"{to}_id"], [f"{to}.id"], name=f"fk_{table}_{to}_id_{to}", ondelete="CASCADE")


def downgrade() -> None:
    op.drop_table("call_voice")
    op.drop_table("call")
