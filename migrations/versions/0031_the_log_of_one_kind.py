"""The public log of one kind of decision, found without reading the others."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_LOGGED = (
    "kind IN ('submission.amended', 'submission.published', 'submission.returned', 'submission.withheld',"
    " 'submission.withdrawn', 'submission.erased', 'submission.covered', 'appeal.filed', 'appeal.upheld',"
    " 'appeal.overturned', 'appeal.lapsed', 'report.filed', 'report.answered')"
)


def upgrade() -> None:
    op.create_index("ix_ledger_logged_kind", "ledger", ["kind", "number"], postgresql_where=_LOGGED)


def downgrade() -> None:
    op.drop_index("ix_ledger_logged_kind", table_name="ledger", postgresql_where=_LOGGED)
