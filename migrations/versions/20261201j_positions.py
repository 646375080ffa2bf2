"""Positions: decisions on the position of a letter or text, and the letters and texts that people are reading."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201j_positions"
down_revision = "20261201i_due_process"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_VIEW = (
    "VIEW readable_text_group AS SELECT text_group.consultation_id, text_group.text_hash, text_group.first_number, "
    "text_group.campaign_number, text_group.received, text_group.published, text_group.kind, text_group.campaign_id, "
    "coalesce(text_group.checked = 'contradicts', false) AS contrary, text_group.checked, text_group.standing, "
    "text_group.adds{more} FROM text_group"
)


def upgrade() -> None:
    op.create_table(
        "position",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(24), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("side", sa.String(24)),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name="fk_position_consultation_id_consultation"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_position_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_position"),
    )
    op.create_index("ix_position_newest", "position", ["consultation_id", "unit", "key", "id"])
    op.create_table(
        "position_hold",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(24), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name="fk_position_hold_consultation_id_consultation",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_position_hold_account_id_account", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("consultation_id", "account_id", name="pk_position_hold"),
    )
    for name, rows in {"insert": "NEW", "update": "NEW", "delete": "OLD"}.items():
        op.execute(
            f"CREATE TRIGGER note_{name} AFTER {name.upper()} ON position REFERENCING {rows} TABLE AS changed "
            "FOR EACH STATEMENT EXECUTE FUNCTION note_statement('\"id\"::text')"
        )
    op.execute(f"CREATE OR REPLACE {_VIEW.format(more=', text_group.share')}")

    op.execute(
        "CREATE VIEW readable_position AS SELECT position.id, position.consultation_id, position.at FROM position"
    )


def downgrade() -> None:
    op.execute("DROP VIEW readable_position")
    op.execute("DROP VIEW readable_text_group")
    op.execute(f"CREATE {_VIEW.format(more='')}")
    op.drop_table("position_hold")
    op.drop_table("position")
