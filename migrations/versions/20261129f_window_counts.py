"""The view of campaigns states whether contradictions were searched by meaning too."""

from __future__ import annotations

from alembic import op

revision = "20261129f"
down_revision = "20261129e_look"
branch_labels = None
depends_on = None

_COUNTS = ("texts", "exact", "adding", "contrary", "confirmed")
_VIEW = """CREATE OR REPLACE VIEW readable_campaign AS
    SELECT campaign.id, campaign.consultation_id, campaign.letter_hash, campaign.letter, campaign.name,
    campaign.organiser, campaign.declared_at, campaign.members, campaign.published, campaign.exact, campaign.adding,
    campaign.contrary, campaign.confirmed, campaign.template, campaign.texts{more} FROM campaign"""
_PUBLIC = "".join(f", campaign.public_{name}" for name in _COUNTS)


def upgrade() -> None:
    op.execute(_VIEW.format(more=f"{_PUBLIC}, campaign.judged"))


def downgrade() -> None:
    op.execute("DROP VIEW readable_campaign")
    op.execute(_VIEW.format(more=_PUBLIC))
