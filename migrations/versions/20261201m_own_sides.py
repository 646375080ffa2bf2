"""Positions on the draft as a whole that authors choose before sending."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201m_own_sides"
down_revision = "20261201l_set_aside_lines"
branch_labels = None
depends_on = None

_VIEW = """VIEW readable_submission AS SELECT submission.id, submission.reference, submission.consultation_id,
    submission.state, submission.account_id, submission.organisation_id, submission.contact_id,
    submission.submitter_kind, submission.name_rule, submission.organisation_name, submission.person_name,
    submission.country, submission.language, submission.received_at, submission.present, submission.text_hash,
    nullif(CASE WHEN submission.name_rule = 'organisation' THEN submission.organisation_name
    WHEN submission.name_rule IN ('own', 'pseudonym') THEN submission.person_name END, '') AS public_name{more}
    FROM submission"""


def upgrade() -> None:
    op.add_column("submission", sa.Column("side", sa.String(24)))
    op.execute(f"CREATE OR REPLACE {_VIEW.format(more=', submission.side')}")


def downgrade() -> None:
    op.execute("DROP VIEW readable_submission")
    op.execute(f"CREATE {_VIEW.format(more='')}")
    op.drop_column("submission", "side")
