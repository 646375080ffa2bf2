"""A person's verdict on copies that seem to contradict their letter, and the confidence of the software for each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128d"
down_revision = "20261128c"
branch_labels = None
depends_on = None

_TEXT_GROUP = """SELECT text_group.consultation_id, text_group.text_hash, text_group.first_number,
    text_group.campaign_number, text_group.received, text_group.published, text_group.kind, text_group.campaign_id,
    text_group.contrary{more} FROM text_group"""
_CAMPAIGN = """SELECT campaign.id, campaign.consultation_id, campaign.letter_hash, campaign.letter, campaign.name,
    campaign.organiser, campaign.declared_at, campaign.members, campaign.published, campaign.exact, campaign.adding,
    campaign.contrary{more} FROM campaign"""
_STATEMENT = """SELECT statement.id, statement.campaign_id, statement.comment_id, statement.start, statement."end",
    statement.kind{more} FROM statement"""
_VIEWS = {
    "readable_text_group": (_TEXT_GROUP, ", text_group.checked"),
    "readable_campaign": (_CAMPAIGN, ", campaign.confirmed"),
    "readable_statement": (_STATEMENT, ", statement.consultation_id, statement.text_hash"),
}


def upgrade() -> None:
    op.add_column("text_group", sa.Column("checked", sa.String(24), nullable=True))
    op.add_column("text_group", sa.Column("checked_by", sa.BigInteger(), nullable=True))
    op.add_column("text_group", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(None, "text_group", "account", ["checked_by"], ["id"])
    op.add_column("campaign", sa.Column("confirmed", sa.Integer(), server_default="0", nullable=False))
    op.add_column("statement", sa.Column("confidence", sa.Float(), nullable=True))
    _make_views(more=True)
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_text_group_contrary",
            "text_group",
            ["consultation_id", "text_hash"],
            postgresql_where=sa.text("contrary"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_text_group_contrary", "text_group", postgresql_concurrently=True)
    _make_views(more=False)
    op.drop_column("statement", "confidence")
    op.drop_column("campaign", "confirmed")
    op.drop_column("text_group", "checked_at")
    op.drop_column("text_group", "checked_by")
    op.drop_column("text_group", "checked")


def _make_views(*, more: bool) -> None:
    for name, (selected, added) in _VIEWS.items():
        op.execute(f"DROP VIEW {name}")
        op.execute(f"CREATE VIEW {name} AS {selected.format(more=added if more else '')}")
