"""The unit of an indicator by language. The former column remains for the previous release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129l_units_by_language"
down_revision = "20261129l_signal_apart"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("indicator", sa.Column("units", JSONB(), server_default="{}", nullable=False))
    op.execute(
        "UPDATE indicator SET units = jsonb_build_object(plan.language, unit) "
        "FROM plan WHERE plan.id = indicator.plan_id"
    )
    op.alter_column("indicator", "units", server_default=None)
    op.alter_column("indicator", "unit", server_default="")


def downgrade() -> None:
    op.execute(
        "UPDATE indicator SET unit = COALESCE(units ->> plan.language, "
        "(SELECT value FROM jsonb_each_text(units) ORDER BY key LIMIT 1), '') "
        "FROM plan WHERE plan.id = indicator.plan_id"
    )
    op.alter_column("indicator", "unit", server_default=None)
    op.drop_column("indicator", "units")
