"""Tables that a burst of filings goes to are cleaned and looked at after few of their rows, not one in five.

An entry of the ledger that gets its number leaves a dead place in the index of those that have none, and whoever looks
for these steps over it; a vacuum that finds few of them would leave the indexes as they are.
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_EARLY = "autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, vacuum_index_cleanup"
_LOOKED_AT = ("ledger", "submission", "comment")


def upgrade() -> None:
    for table in _LOOKED_AT:
        op.execute(f"ALTER TABLE {table} SET (autovacuum_analyze_scale_factor = 0.02)")
    op.execute(
        "ALTER TABLE ledger SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000, "
        "vacuum_index_cleanup = on)"
    )


def downgrade() -> None:
    op.execute(f"ALTER TABLE ledger RESET ({_EARLY})")
    for table in _LOOKED_AT:
        op.execute(f"ALTER TABLE {table} RESET (autovacuum_analyze_scale_factor)")
