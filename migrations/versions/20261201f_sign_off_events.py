"""Events in the sign-off of a draft: asked, agreed, not yet, asked again, ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201f_sign_off_events"
down_revision = "20261201f_count_amendments"
branch_labels = None
depends_on = None


def _reference(name: str, to: str, on_delete: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(f"{to}.id", ondelete=on_delete), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "sign_off_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True),
        _reference("organisation_id", "organisation", "CASCADE", nullable=False),
        _reference("consultation_id", "consultation", "CASCADE", nullable=False),
        _reference("draft_id", "draft", "CASCADE"),
        _reference("submission_id", "submission", "CASCADE"),
        _reference("account_id", "account", "SET NULL"),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
    )
    op.create_index("ix_sign_off_event_of", "sign_off_event", ["organisation_id", "consultation_id", "id"])
    for column in ("consultation_id", "draft_id", "submission_id", "account_id"):
        op.create_index(f"ix_sign_off_event_{column}", "sign_off_event", [column])


def downgrade() -> None:
    op.drop_table("sign_off_event")
