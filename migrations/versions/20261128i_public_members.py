"""Additions and contradictions of published campaign members, and texts close in meaning to a letter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128i"
down_revision = "20261128h"
branch_labels = None
depends_on = None

_COUNTS = ("texts", "exact", "adding", "contrary", "confirmed", "both")
_VIEW = """CREATE OR REPLACE VIEW readable_campaign AS
    SELECT campaign.id, campaign.consultation_id, campaign.letter_hash, campaign.letter, campaign.name,
    campaign.organiser, campaign.declared_at, campaign.members, campaign.published, campaign.exact, campaign.adding,
    campaign.contrary, campaign.confirmed, campaign.template, campaign.texts{more} FROM campaign"""
_COUNT = """
    UPDATE campaign c SET public_texts = d.texts, public_exact = d.exact, public_adding = d.adding,
        public_contrary = d.contrary, public_confirmed = d.confirmed, public_both = d.both_
    FROM (
        SELECT campaign_id, count(*) AS texts,
            coalesce(sum(published) FILTER (WHERE kind = 'exact'), 0) AS exact,
            coalesce(sum(published) FILTER (WHERE adds), 0) AS adding,
            coalesce(sum(published) FILTER (WHERE contrary), 0) AS contrary,
            coalesce(sum(published) FILTER (WHERE checked = 'contradicts'), 0) AS confirmed,
            coalesce(sum(published) FILTER (WHERE adds AND contrary), 0) AS both_
        FROM text_group WHERE campaign_id IS NOT NULL AND published > 0 GROUP BY campaign_id
    ) AS d WHERE c.id = d.campaign_id
    """


def upgrade() -> None:
    for name in _COUNTS:
        op.add_column("campaign", sa.Column(f"public_{name}", sa.Integer(), server_default="0", nullable=False))
    op.execute(_COUNT)
    op.add_column("analysis_text", sa.Column("meaning", sa.LargeBinary(), nullable=True))
    op.add_column("analysis_state", sa.Column("meanings", sa.Integer(), nullable=True))
    op.add_column("analysis_state", sa.Column("meaning_letters", sa.Integer(), nullable=True))
    op.add_column("analysis_state", sa.Column("meanings_by_chance", sa.Float(), nullable=True))
    op.create_table(
        "alike_text",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_alike_text_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("consultation_id", "text_hash", name=op.f("pk_alike_text")),
    )
    op.execute(_VIEW.format(more="".join(f", campaign.public_{name}" for name in _COUNTS if name != "both")))


def downgrade() -> None:
    op.drop_table("alike_text")
    for name in ("meanings_by_chance", "meaning_letters", "meanings"):
        op.drop_column("analysis_state", name)
    op.drop_column("analysis_text", "meaning")
    op.execute("DROP VIEW readable_campaign")
    op.execute(_VIEW.format(more=""))
    for name in reversed(_COUNTS):
        op.drop_column("campaign", f"public_{name}")
