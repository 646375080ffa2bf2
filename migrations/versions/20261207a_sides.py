"""Indexes of the submissions that speak of the draft as a whole."""

from __future__ import annotations

from alembic import op

revision = "20261207a_sides"
down_revision = "20261203k_supporter_consent"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_analysis_counted_whole",
            "analysis_counted",
            ["consultation_id", "text_hash", "submission_id"],
            postgresql_where="' any' = ANY (places)",
            postgresql_concurrently=True,
        )
        op.create_index(
            "ix_submission_side",
            "submission",
            ["consultation_id", "id"],
            postgresql_where="side IS NOT NULL",
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_submission_side", "submission", postgresql_concurrently=True)
        op.drop_index("ix_analysis_counted_whole", "analysis_counted", postgresql_concurrently=True)
