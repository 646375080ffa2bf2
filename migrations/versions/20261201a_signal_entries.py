"""An index of ledger entries about reports of early warning, for counting them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201a_signal_entries"
down_revision = "20261129m_signal_report_files"
branch_labels = None
depends_on = None
_INDEX = "ix_ledger_signal_reported"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(_INDEX, "ledger", postgresql_concurrently=True, if_exists=True)  # of an attempt that was ended
        op.create_index(
            _INDEX,
            "ledger",
            ["subject_id"],
            postgresql_where=sa.text("kind = 'signal.reported'"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index(_INDEX, "ledger", postgresql_concurrently=True, if_exists=True)
