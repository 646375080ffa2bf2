"""Lines without a statement: their ranges in a text, slots of letters for names, and corrections by people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261201l_set_aside_lines"
down_revision = "20261201k_argument_rest"
branch_labels = None
depends_on = None

_COLUMNS = (
    "id submission_id consultation_id provision_id question_id stance body language position shown redacted_body "
    "anchor paper amendment agrees_with"
)
_VIEW = (
    f"VIEW readable_comment AS SELECT {', '.join(f'comment.{name}' for name in _COLUMNS.split())}, "
    "CASE WHEN (comment.amendment IS NOT NULL OR comment.agrees_with IS NOT NULL) THEN 'amendment' "
    "ELSE comment.stance END AS counted_as"
)


def upgrade() -> None:
    op.execute(f"CREATE OR REPLACE {_VIEW}, comment.redactions FROM comment")
    op.add_column("text_group", sa.Column("set_aside", postgresql.JSONB(), server_default="[]", nullable=False))
    slots = sa.Column("name_slots", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False)
    op.add_column("campaign", slots)
    op.create_table(
        "line_choice",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("line_hash", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("chosen_by", sa.BigInteger(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name="fk_line_choice_consultation_id_consultation"
        ),
        sa.ForeignKeyConstraint(["chosen_by"], ["account.id"], name="fk_line_choice_chosen_by_account"),
        sa.PrimaryKeyConstraint("consultation_id", "text_hash", "line_hash", name="pk_line_choice"),
    )


def downgrade() -> None:
    op.drop_table("line_choice")
    op.drop_column("campaign", "name_slots")
    op.drop_column("text_group", "set_aside")
    op.execute("DROP VIEW readable_comment")
    op.execute(f"CREATE {_VIEW} FROM comment")
