"""Facts about countries with their sources, and memberships of bodies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261203a_countries"
down_revision = "20261202i_paper_places"
branch_labels = None
depends_on = None

_TABLES = ("country_fact", "body_membership")
_EVENTS = {
    "insert": "NEW TABLE AS changed",
    "update": "OLD TABLE AS former NEW TABLE AS changed",
    "delete": "OLD TABLE AS former",
}


def upgrade() -> None:
    op.create_table(
        "country_fact",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("precision", sa.String(24), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("looked_on", sa.Date(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_by", sa.BigInteger(), nullable=True),
        sa.Column("replaced_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("source <> ''", name="ck_country_fact_sourced"),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name="ck_country_fact_of_a_country"),
        sa.CheckConstraint(
            "kind IN ('law', 'schedule', 'judgment') OR term_id IS NOT NULL", name="ck_country_fact_of_a_treaty"
        ),
        sa.CheckConstraint("kind NOT IN ('law', 'schedule', 'judgment') OR title <> ''", name="ck_country_fact_titled"),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name="fk_country_fact_term_id_term"),
        sa.ForeignKeyConstraint(["kept_by"], ["account.id"], name="fk_country_fact_kept_by_account"),
        sa.ForeignKeyConstraint(["replaced_by"], ["country_fact.id"], name="fk_country_fact_replaced_by_country_fact"),
        sa.PrimaryKeyConstraint("id", name="pk_country_fact"),
    )
    op.create_index("ix_country_fact_country", "country_fact", ["country"])
    op.create_index("ix_country_fact_term", "country_fact", ["term_id"])
    op.create_index(
        "uq_country_fact_current",
        "country_fact",
        ["country", "kind", sa.text("coalesce(term_id, 0)"), "day", "title"],
        unique=True,
        postgresql_where="replaced_by IS NULL",
    )
    op.create_index(
        "ix_country_fact_words",
        "country_fact",
        [sa.text("words_in_languages((title || ' '::text) || words)")],
        postgresql_using="gin",
    )
    _create_memberships()
    for table in _TABLES:
        for name, rows in _EVENTS.items():
            given = "'\"id\"::text'" if name == "insert" else "'\"id\"::text', '{}'"
            op.execute(
                f"CREATE TRIGGER note_{name} AFTER {name.upper()} ON {table} REFERENCING {rows} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION note_statement({given})"
            )


def _create_memberships() -> None:
    op.create_table(
        "body_membership",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("body_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("looked_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(country IS NULL) <> (member_id IS NULL)", name="ck_body_membership_of_one_member"),
        sa.CheckConstraint("member_id <> body_id", name="ck_body_membership_of_another"),
        sa.CheckConstraint("since <= until", name="ck_body_membership_in_order"),
        sa.CheckConstraint("source <> ''", name="ck_body_membership_sourced"),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_body_membership_body_id_body"),
        sa.ForeignKeyConstraint(["member_id"], ["body.id"], name="fk_body_membership_member_id_body"),
        sa.PrimaryKeyConstraint("id", name="pk_body_membership"),
    )
    op.create_index("ix_body_membership_country", "body_membership", ["country"])
    op.create_index("ix_body_membership_member", "body_membership", ["member_id"])
    op.create_index(
        "uq_body_membership_since",
        "body_membership",
        ["body_id", sa.text("coalesce(country, '')"), sa.text("coalesce(member_id, 0)"), "since"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    op.drop_table("body_membership")
    op.drop_table("country_fact")
