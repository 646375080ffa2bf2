"""Case studies, their reviews, uses and citations, and the treaty that a consultation reviews."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129d"
down_revision = "20261129c_plans"
branch_labels = None
depends_on = None

_FUNCTIONS = (
    """
    CREATE FUNCTION former_appraisal_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO appraisal_former (appraisal_id, said, replaced_at) VALUES (OLD.id, to_jsonb(OLD), NEW.at);
            RETURN NULL;
        END $$
    """,
    """
    CREATE FUNCTION what_was_appraised_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'what an appraisal or an edition said stays written' USING ERRCODE = '23514';
        END $$
    """,
)
_TRIGGERS = (
    "CREATE TRIGGER former_appraisal_is_kept AFTER UPDATE ON appraisal FOR EACH ROW WHEN ("
    "(OLD.domains, OLD.direction, OLD.certainty, OLD.equity, OLD.rights, OLD.interests) IS DISTINCT FROM "
    "(NEW.domains, NEW.direction, NEW.certainty, NEW.equity, NEW.rights, NEW.interests)"
    ") EXECUTE FUNCTION former_appraisal_is_kept()",
    "CREATE TRIGGER appraisals_stay BEFORE DELETE ON appraisal FOR EACH ROW "
    "EXECUTE FUNCTION what_was_appraised_stays()",
    "CREATE TRIGGER former_appraisals_stay BEFORE DELETE OR UPDATE ON appraisal_former FOR EACH ROW "
    "EXECUTE FUNCTION what_was_appraised_stays()",
    "CREATE TRIGGER editions_stay BEFORE DELETE OR UPDATE ON case_study_edition FOR EACH ROW "
    "EXECUTE FUNCTION what_was_appraised_stays()",
)


def upgrade() -> None:
    _make_appraiser()
    _make_case_study()
    _make_appraisal()
    _make_case_study_citation()
    _make_case_study_edition()
    _make_case_study_part()
    _make_case_study_source()
    _make_case_study_term()
    _make_case_study_used()
    _make_appraisal_former()
    op.add_column("consultation", sa.Column("treaty_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_consultation_treaty_id_term", "consultation", "term", ["treaty_id"], ["id"])
    for statement in (*_FUNCTIONS, *_TRIGGERS):
        op.execute(statement)


def _make_appraiser() -> None:
    op.create_table(
        "appraiser",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body_id", sa.BigInteger(), nullable=False),
        sa.Column("interests", JSONB(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_appraiser_account_id_account"),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_appraiser_body_id_body", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", name="pk_appraiser"),
    )
    op.create_index("ix_appraiser_body_id", "appraiser", ["body_id"])


def _make_case_study() -> None:
    op.create_table(
        "case_study",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=True),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("next_state", sa.String(24), nullable=True),
        sa.Column("working", JSONB(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("body_id", sa.BigInteger(), nullable=True),
        sa.Column("evidence_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("began", sa.Integer(), nullable=True),
        sa.Column("ended", sa.Integer(), nullable=True),
        sa.Column("setting", sa.Text(), nullable=False),
        sa.Column("run_by", sa.Text(), nullable=False),
        sa.Column("paid_by", sa.Text(), nullable=False),
        sa.Column("authors", JSONB(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("told", sa.String(24), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("certainty", sa.Integer(), nullable=True),
        sa.Column("direction", sa.String(24), nullable=True),
        sa.Column("appraised", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_why", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(24), nullable=True),
        sa.Column("withdrawn_why", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('published', 'withdrawn') OR slug IS NOT NULL", name=op.f("ck_case_study_public_has_address")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_case_study_account_id_account"),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_case_study_body_id_body", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name="fk_case_study_evidence_id_evidence", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_case_study_organisation_id_organisation",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_case_study"),
        sa.UniqueConstraint("slug", name="uq_case_study_slug"),
    )
    op.create_index("ix_case_study_account", "case_study", ["account_id", "id"])
    op.create_index("ix_case_study_evidence", "case_study", ["evidence_id"])
    op.create_index(
        "ix_case_study_public",
        "case_study",
        ["published_at", "id"],
        postgresql_where=sa.text("state IN ('published', 'withdrawn')"),
    )
    op.create_index(
        "ix_case_study_waiting", "case_study", ["sent_at", "id"], postgresql_where=sa.text("next_state = 'waiting'")
    )
    op.create_index(
        "ix_case_study_words", "case_study", [sa.literal_column("words_in_languages(words)")], postgresql_using="gin"
    )


def _make_appraisal() -> None:
    op.create_table(
        "appraisal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_study_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("certainty", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(24), nullable=False),
        sa.Column("domains", JSONB(), nullable=False),
        sa.Column("equity", sa.Text(), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("interests", sa.Text(), nullable=False),
        sa.Column("conflicts", JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("interests <> ''", name=op.f("ck_appraisal_interests_are_said")),
        sa.CheckConstraint("certainty BETWEEN 1 AND 4", name=op.f("ck_appraisal_four_steps")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_appraisal_account_id_account"),
        sa.ForeignKeyConstraint(["case_study_id"], ["case_study.id"], name="fk_appraisal_case_study_id_case_study"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_appraisal_organisation_id_organisation",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_appraisal"),
        sa.UniqueConstraint("case_study_id", "account_id", name="uq_appraisal_case_study_id_account_id"),
    )
    op.create_index("ix_appraisal_account_id", "appraisal", ["account_id"])


def _make_case_study_citation() -> None:
    op.create_table(
        "case_study_citation",
        sa.Column("case_study_id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_study_id"],
            ["case_study.id"],
            name="fk_case_study_citation_case_study_id_case_study",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name="fk_case_study_citation_comment_id_comment", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_study_id", "comment_id", name="pk_case_study_citation"),
    )
    op.create_index("ix_case_study_citation_comment", "case_study_citation", ["comment_id"])


def _make_case_study_edition() -> None:
    op.create_table(
        "case_study_edition",
        sa.Column("case_study_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_study_id"], ["case_study.id"], name="fk_case_study_edition_case_study_id_case_study"
        ),
        sa.PrimaryKeyConstraint("case_study_id", "number", name="pk_case_study_edition"),
    )


def _make_case_study_part() -> None:
    op.create_table(
        "case_study_part",
        sa.Column("case_study_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_study_id"], ["case_study.id"], name="fk_case_study_part_case_study_id_case_study", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_study_id", "kind", name="pk_case_study_part"),
    )


def _make_case_study_source() -> None:
    op.create_table(
        "case_study_source",
        sa.Column("case_study_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("design", sa.String(24), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("independent", sa.Boolean(), nullable=False),
        sa.CheckConstraint("file_id IS NOT NULL OR citation <> ''", name=op.f("ck_case_study_source_names_something")),
        sa.CheckConstraint("n > 0", name=op.f("ck_case_study_source_somebody")),
        sa.ForeignKeyConstraint(
            ["case_study_id"],
            ["case_study.id"],
            name="fk_case_study_source_case_study_id_case_study",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name="fk_case_study_source_file_id_stored_file", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_study_id", "position", name="pk_case_study_source"),
    )
    op.create_index("ix_case_study_source_file_id", "case_study_source", ["file_id"])


def _make_case_study_term() -> None:
    op.create_table(
        "case_study_term",
        sa.Column("case_study_id", sa.BigInteger(), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_study_id"], ["case_study.id"], name="fk_case_study_term_case_study_id_case_study", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name="fk_case_study_term_term_id_term"),
        sa.PrimaryKeyConstraint("case_study_id", "term_id", name="pk_case_study_term"),
    )
    op.create_index("ix_case_study_term_term", "case_study_term", ["term_id", "case_study_id"])


def _make_case_study_used() -> None:
    op.create_table(
        "case_study_used",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_study_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("happened", sa.Text(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_case_study_used_account_id_account"),
        sa.ForeignKeyConstraint(
            ["case_study_id"], ["case_study.id"], name="fk_case_study_used_case_study_id_case_study", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_case_study_used"),
    )
    op.create_index("ix_case_study_used_study", "case_study_used", ["case_study_id", "id"])
    op.create_index(
        "ix_case_study_used_waiting", "case_study_used", ["id"], postgresql_where=sa.text("state = 'waiting'")
    )


def _make_appraisal_former() -> None:
    op.create_table(
        "appraisal_former",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("appraisal_id", sa.BigInteger(), nullable=False),
        sa.Column("said", JSONB(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisal.id"], name="fk_appraisal_former_appraisal_id_appraisal"),
        sa.PrimaryKeyConstraint("id", name="pk_appraisal_former"),
    )
    op.create_index("ix_appraisal_former_appraisal", "appraisal_former", ["appraisal_id", "id"])


def downgrade() -> None:
    op.drop_constraint("fk_consultation_treaty_id_term", "consultation", type_="foreignkey")
    op.drop_column("consultation", "treaty_id")
    for table in (
        "appraisal_former",
        "case_study_used",
        "case_study_term",
        "case_study_source",
        "case_study_part",
        "case_study_edition",
        "case_study_citation",
        "appraisal",
        "case_study",
        "appraiser",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION former_appraisal_is_kept()")
    op.execute("DROP FUNCTION what_was_appraised_stays()")
