"""Recommendations to countries, the bodies they were given to, linked actions and topics."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem

revision = "20261203g_recommendations"
down_revision = "20261203f_peers"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_KEYS = {
    "recommendation_set": ("id",),
    "recommendation": ("id",),
    "recommendation_given": ("recommendation_id", "body_id"),
    "recommendation_action": ("recommendation_id", "action_id"),
    "recommendation_term": ("recommendation_id", "term_id"),
}
_EVENTS = {
    "insert": "NEW TABLE AS changed",
    "update": "OLD TABLE AS former NEW TABLE AS changed",
    "delete": "OLD TABLE AS former",
}


def upgrade() -> None:
    _create_sets()
    _create_recommendations()
    declined = "(declined_at IS NULL) = (reason = '')"
    op.create_table(
        "recommendation_given",
        *_list_link_columns("recommendation_given", "body", "given"),
        sa.Column("declined_at", _TIME),
        _text("reason"),
        sa.CheckConstraint(declined, name="ck_recommendation_given_declined_with_reason"),
    )
    op.create_table(
        "recommendation_action",
        *_list_link_columns("recommendation_action", "action", "linked", ondelete="CASCADE"),
    )
    op.create_table("recommendation_term", *_list_link_columns("recommendation_term", "term", "confirmed"))
    op.create_index("ix_recommendation_given_body", "recommendation_given", ["body_id"])
    op.create_index("ix_recommendation_action_action", "recommendation_action", ["action_id"])
    op.create_index("ix_recommendation_term_term", "recommendation_term", ["term_id"])
    for table, columns in _KEYS.items():
        key = " || ''/'' || ".join(f'"{column}"::text' for column in columns)
        for name, rows in _EVENTS.items():
            given = f"'{key}'" if name == "insert" else f"'{key}', '{{}}'"
            op.execute(
                f"CREATE TRIGGER note_{name} AFTER {name.upper()} ON {table} REFERENCING {rows} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION note_statement({given})"
            )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _create_sets() -> None:
    op.create_table(
        "recommendation_set",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        _text("country"),
        sa.Column("source", sa.String(24), nullable=False),
        *map(_text, ("symbol", "session", "address")),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reply_by", sa.Date(), nullable=True),
        _text("language"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", _TIME, nullable=False),
        sa.Column("kept_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name="ck_recommendation_set_to_a_country"),
        sa.CheckConstraint("symbol <> ''", name="ck_recommendation_set_cited"),
        sa.ForeignKeyConstraint(["kept_by"], ["account.id"], name="fk_recommendation_set_kept_by_account"),
        sa.PrimaryKeyConstraint("id", name="pk_recommendation_set"),
        sa.UniqueConstraint("country", "symbol", name="uq_recommendation_set_country_symbol"),
    )


def _create_recommendations() -> None:
    op.create_table(
        "recommendation",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("set_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        *map(_text, ("number", "words")),
        sa.Column("states", JSONB(), nullable=False),
        sa.Column("position", sa.String(24), nullable=False),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("themes", "people")),
        sa.CheckConstraint("words <> ''", name="ck_recommendation_worded"),
        sa.ForeignKeyConstraint(
            ["set_id"], ["recommendation_set.id"], name="fk_recommendation_set_id_recommendation_set"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recommendation"),
        sa.UniqueConstraint("set_id", "number", name="uq_recommendation_set_id_number"),
    )
    words = [sa.text("words_in_languages(words)")]
    op.create_index("ix_recommendation_words", "recommendation", words, postgresql_using="gin")


def _list_link_columns(table: str, other: str, verb: str, *, ondelete: str | None = None) -> list[SchemaItem]:
    """Return the columns of a table between recommendations and another one, with the person who made each row."""
    return [
        sa.Column("recommendation_id", sa.BigInteger(), nullable=False),
        sa.Column(f"{other}_id", sa.BigInteger(), nullable=False),
        sa.Column(f"{verb}_at", _TIME, nullable=False),
        sa.Column(f"{verb}_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendation.id"], name=f"fk_{table}_recommendation_id_recommendation"
        ),
        sa.ForeignKeyConstraint(
            [f"{other}_id"], [f"{other}.id"], name=f"fk_{table}_{other}_id_{other}", ondelete=ondelete
        ),
        sa.ForeignKeyConstraint([f"{verb}_by"], ["account.id"], name=f"fk_{table}_{verb}_by_account"),
        sa.PrimaryKeyConstraint("recommendation_id", f"{other}_id", name=f"pk_{table}"),
    ]


def downgrade() -> None:
    for table in reversed(_KEYS):
        op.drop_table(table)
