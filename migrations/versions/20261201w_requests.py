"""The part of each statement in its argument, and the number of submissions counted in each argument."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201w_requests"
down_revision = "20261201v_action_terms"
branch_labels = None
depends_on = None

_ARGUMENT = """VIEW readable_argument AS SELECT argument.id, argument.consultation_id, argument.place, argument.stance,
    argument.name, argument.phrases, argument.merged_into_id, argument.voices, argument.statements, argument.revision,
    argument.letter, argument.senders, argument.name IS NOT NULL AS checked{more} FROM argument"""
_CLAIM = """VIEW readable_claim AS SELECT claim.id, claim.consultation_id, claim.text_hash, claim.comment_id,
    claim.submission_id, claim.place, claim.start, claim."end", claim.proof, claim.submitter, claim.argument_id,
    claim.campaign_id{more} FROM claim"""


def upgrade() -> None:
    op.add_column("claim", sa.Column("part", sa.String(24)))
    op.add_column("argument", sa.Column("submissions", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE argument SET submissions = senders + voices WHERE senders + voices > 0")
    op.execute(f"CREATE OR REPLACE {_ARGUMENT.format(more=', argument.submissions')}")
    op.execute(f"CREATE OR REPLACE {_CLAIM.format(more=', claim.part')}")


def downgrade() -> None:
    op.execute("DROP VIEW readable_argument")
    op.execute(f"CREATE {_ARGUMENT.format(more='')}")
    op.execute("DROP VIEW readable_claim")
    op.execute(f"CREATE {_CLAIM.format(more='')}")
    op.drop_column("argument", "submissions")
    op.drop_column("claim", "part")
