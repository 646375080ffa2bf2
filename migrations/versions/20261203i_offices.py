"""Offices that issue warnings for a country, their assessors and their editions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261203i_offices"
down_revision = "20261203h_substances"
branch_labels = None
depends_on = None

_EVENTS = {
    "insert": "NEW TABLE AS changed",
    "update": "OLD TABLE AS former NEW TABLE AS changed",
    "delete": "OLD TABLE AS former",
}


def upgrade() -> None:
    op.create_table(
        "signal_office",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("body_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_signal_office_body_id_body"),
        sa.PrimaryKeyConstraint("id", name="pk_signal_office"),
        sa.UniqueConstraint("body_id", "country", name="uq_signal_office_body_id_country"),
    )
    for table in ("signal_seat", "signal_warning"):
        op.add_column(table, sa.Column("office_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(f"fk_{table}_office_id_signal_office", table, "signal_office", ["office_id"], ["id"])
    for name, rows in _EVENTS.items():
        given = """'"id"::text'""" if name == "insert" else """'"id"::text', '{}'"""
        op.execute(
            f"CREATE TRIGGER note_{name} AFTER {name.upper()} ON signal_office REFERENCING {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION note_statement({given})"
        )
    with op.get_context().autocommit_block():
        for table in ("signal_seat", "signal_warning"):
            name = f"ix_{table}_office_id"
            op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)  # of an attempt that was ended
            _create_index(name, table)


def _create_index(name: str, table: str) -> None:
    op.create_index(name, table, ["office_id"], postgresql_concurrently=True)


def downgrade() -> None:
    for table in ("signal_warning", "signal_seat"):
        op.drop_column(table, "office_id")
    op.drop_table("signal_office")
