"""The time until which a report of early warning is held back from the ledger and public counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201b_hold_signal_reports"
down_revision = "20261201b_front_door"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("signal_link", sa.Column("held_until", sa.DateTime(timezone=True)))
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_signal_link_held",
            "signal_link",
            ["held_until"],
            postgresql_where="held_until IS NOT NULL",
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    """Drop the column. Reports held at this time have no entry, which the audit reports.

    Wait until no report is held, at most a day.
    """
    op.drop_index("ix_signal_link_held", "signal_link")
    op.drop_column("signal_link", "held_until")
