"""Partner sites: the key of this site, partners, and records taken from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261203f_peers"
down_revision = "20261203b_contract_codes"
branch_labels = None
depends_on = None
_TIME = sa.DateTime(timezone=True)
_STATES = "unconfirmed", "ok", "quiet", "refused", "key_changed"
_KINDS = "warning", "consultation", "case_study"


def upgrade() -> None:
    op.create_table(
        "sharing_key",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("installation", sa.Text(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.CheckConstraint("id = 1", name="one"),
    )
    account = sa.ForeignKey("account.id", ondelete="SET NULL")
    op.create_table(
        "peer",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("address", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("installation", sa.Text(), nullable=False, unique=True),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("takes", JSONB(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.Enum(*_STATES, native_enum=False, length=24), nullable=False),
        sa.Column("added_at", _TIME, nullable=False),
        sa.Column("added_by", sa.BigInteger(), account),
        sa.Column("confirmed_by", sa.BigInteger(), sa.ForeignKey("account.id", ondelete="SET NULL")),
        sa.Column("next_at", _TIME, nullable=False),
        sa.Column("checked_at", _TIME),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("listed", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary()),
    )
    op.create_index("ix_peer_next_at", "peer", ["next_at"])
    op.create_table(
        "peer_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("peer_id", sa.BigInteger(), sa.ForeignKey("peer.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Enum(*_KINDS, native_enum=False, length=24), nullable=False),
        sa.Column("record", JSONB(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("first_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("gone_at", _TIME),
        sa.UniqueConstraint("peer_id", "name"),
    )


def downgrade() -> None:
    op.drop_table("peer_item")
    op.drop_table("peer")
    op.drop_table("sharing_key")
