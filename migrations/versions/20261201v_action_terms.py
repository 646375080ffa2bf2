"""Topics of actions, confirmed by people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201v_action_terms"
down_revision = "20261201u_samples"
branch_labels = None
depends_on = None

_KEY = "\"action_id\"::text || ''/'' || \"term_id\"::text"
_EVENTS = {
    "insert": "NEW TABLE AS changed",
    "update": "OLD TABLE AS former NEW TABLE AS changed",
    "delete": "OLD TABLE AS former",
}


def upgrade() -> None:
    op.create_table(
        "action_term",
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name="fk_action_term_action_id_action", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name="fk_action_term_term_id_term"),
        sa.ForeignKeyConstraint(["confirmed_by"], ["account.id"], name="fk_action_term_confirmed_by_account"),
        sa.PrimaryKeyConstraint("action_id", "term_id", name="pk_action_term"),
    )
    op.create_index("ix_action_term_term", "action_term", ["term_id"])
    for name, rows in _EVENTS.items():
        given = f"'{_KEY}'" if name == "insert" else f"'{_KEY}', '{{}}'"
        op.execute(
            f"CREATE TRIGGER note_{name} AFTER {name.upper()} ON action_term REFERENCING {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION note_statement({given})"
        )


def downgrade() -> None:
    op.drop_table("action_term")
