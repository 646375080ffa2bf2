"""Webhooks of accounts and organisations, and the requests sent to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261202g_webhooks"
down_revision = "20261202c_paper_pages"
branch_labels = None
depends_on = None
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("account_id", sa.BigInteger(), sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), sa.ForeignKey("organisation.id", ondelete="CASCADE")),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("topics", JSONB(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("former_secret", sa.LargeBinary()),
        sa.Column("former_until", _TIME),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("off_at", _TIME),
    )
    for column in ("account_id", "organisation_id", "next_at"):
        op.create_index(f"ix_webhook_{column}", "webhook", [column])
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("webhook_id", sa.BigInteger(), sa.ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("sent_at", _TIME),
    )
    op.create_index("ix_webhook_delivery_order", "webhook_delivery", ["webhook_id", "id"])
    waiting = {"postgresql_where": sa.text("sent_at IS NULL")}
    op.create_index("ix_webhook_delivery_waiting", "webhook_delivery", ["webhook_id", "id"], **waiting)


def downgrade() -> None:
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
