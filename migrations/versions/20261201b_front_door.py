"""Incoming e-mails with the time of reading, and renewed addresses for reports by e-mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201b_front_door"
down_revision = "20261201a_signal_entries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbound_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.String(24), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False, server_default=""),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("principal", sa.LargeBinary()),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_inbound_item"),
        sa.UniqueConstraint("channel", "key", name="uq_inbound_item_channel_key"),
    )
    op.create_index(
        "ix_inbound_item_open", "inbound_item", ["state", "id"], postgresql_where="state NOT IN ('read', 'dropped')"
    )
    op.create_index(
        "ix_inbound_item_principal",
        "inbound_item",
        ["principal", "arrived_at"],
        postgresql_where="principal IS NOT NULL",
    )
    op.create_index("ix_inbound_item_arrived", "inbound_item", ["channel", "arrived_at"])
    op.create_table(
        "inbound_reading",
        sa.Column("channel", sa.String(24), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("polled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name="pk_inbound_reading"),
    )
    op.create_table(
        "inbound_address",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"],
            name="fk_inbound_address_organisation_id_organisation", ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_inbound_address_account_id_account", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "account_id", name="pk_inbound_address"),
    )  # fmt: skip
    op.create_index("ix_inbound_address_account_id", "inbound_address", ["account_id"])


def downgrade() -> None:
    """Drop the quarantine with its e-mails, and renewals: addresses from before a renewal are valid again."""
    op.drop_table("inbound_address")
    op.drop_table("inbound_reading")
    op.drop_table("inbound_item")
