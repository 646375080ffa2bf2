"""Substance records, their edits, and names that people matched to a substance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261203h_substances"
down_revision = "20261203g_recommendations"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_TABLES = {
    "substance_record": ('"term_id"::text', "{revision}"),
    "substance_edit": ('"id"::text', "{}"),
    "substance_alias": ('"folded"::text', "{}"),
}
_EVENTS = {
    "insert": "NEW TABLE AS changed",
    "update": "OLD TABLE AS former NEW TABLE AS changed",
    "delete": "OLD TABLE AS former",
}


def upgrade() -> None:
    op.create_table(
        "substance_record",
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("cas", "inchikey", "unii", "un_code", "incb_code", "eu_code")
        ),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("names", "controls", "strips")),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("edited_at", _TIME, nullable=False),
        sa.Column("edited_by_id", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name="fk_substance_record_term_id_term"),
        sa.ForeignKeyConstraint(
            ["edited_by_id"], ["account.id"], name="fk_substance_record_edited_by_id_account", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("term_id", name="pk_substance_record"),
    )
    op.create_index("ix_substance_record_edited_by_id", "substance_record", ["edited_by_id"])
    op.create_table(
        "substance_edit",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("before", JSONB(), nullable=False),
        sa.Column("after", JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name="fk_substance_edit_term_id_term"),
        sa.PrimaryKeyConstraint("id", name="pk_substance_edit"),
    )
    op.create_index("ix_substance_edit_term", "substance_edit", ["term_id", "id"])
    op.create_table(
        "substance_alias",
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name="fk_substance_alias_term_id_term"),
        sa.PrimaryKeyConstraint("folded", name="pk_substance_alias"),
    )
    op.create_index("ix_substance_alias_term_id", "substance_alias", ["term_id"])
    for table, (key, left_out) in _TABLES.items():
        for name, rows in _EVENTS.items():
            given = f"'{key}'" if name == "insert" else f"'{key}', '{left_out}'"
            op.execute(
                f"CREATE TRIGGER note_{name} AFTER {name.upper()} ON {table} REFERENCING {rows} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION note_statement({given})"
            )


def downgrade() -> None:
    for table in ("substance_alias", "substance_edit", "substance_record"):
        op.drop_table(table)
