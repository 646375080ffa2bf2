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


def downgrade() -> None:
    op.drop_constraint("uq_organisation_outcomes_address", "organisation")
    op.drop_column("consultation", "practice_until")
    op.drop_column("organisation", "outcomes_address")
