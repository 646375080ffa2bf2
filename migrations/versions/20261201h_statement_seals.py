"""Seals of public rows: triggers note changed rows, and existing rows wait for their first seal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201h_statement_seals"
down_revision = "20261201g_search_names"
branch_labels = None
depends_on = None

KEYS = {
    "action": "id",
    "action_indicator": "action_id indicator_id",
    "action_report": "id",
    "action_report_decision": "id",
    "action_report_file": "report_id position",
    "appeal": "id",
    "appraisal": "id",
    "appraisal_former": "id",
    "appraiser": "account_id",
    "argument": "id",
    "argument_act": "id",
    "argument_code": "consultation_id term_id",
    "body": "id",
    "body_alias": "slug",
    "body_member": "id",
    "call": "id",
    "campaign": "id",
    "case_study": "id",
    "case_study_decision": "id",
    "case_study_edition": "case_study_id number",
    "case_study_part": "case_study_id kind",
    "case_study_source": "case_study_id position",
    "case_study_term": "case_study_id term_id",
    "case_study_used": "id",
    "consultation": "id",
    "consultation_body": "consultation_id body_id",
    "cosignature": "id",
    "decision": "id",
    "digest": "id",
    "document": "id",
    "evaluation_opening": "consultation_id",
    "evidence_tag": "evidence_id term_id",
    "facilitation": "id",
    "former_name": "id",
    "hold_rule": "id",
    "indicator": "id",
    "indicator_import": "id",
    "letter_decision": "id",
    "milestone": "id",
    "obligation": "argument_id",
    "observation": "import_id line column",
    "open_note": "submission_id organisation_id",
    "organisation": "id",
    "plain_words": "document_id wid",
    "plan": "id",
    "plan_movement": "id",
    "plan_review": "id",
    "policy_version": "number",
    "provision_link": "id",
    "provision_tag": "document_id wid term_id",
    "provision_title": "document_id wid",
    "question": "id",
    "reason": "code",
    "report": "id",
    "response": "id",
    "response_action": "response_id",
    "response_beside": "argument_id body_id",
    "response_former": "id",
    "scheme": "id",
    "signal": "id",
    "signal_act": "id",
    "signal_link": "report_id",
    "signal_warning": "id",
    "site_logo": "id",
    "site_text": "id",
    "term": "id",
    "translation": "id",
    "version": "id",
    "written_group": "submission_id",
}
"""The tables, and the columns of their keys."""
SHOWN = {"reason": "name <> '' OR retired_at IS NOT NULL"}
"""The reasons that every database has are not sealed."""
EVENTS = {"insert": "NEW", "update": "NEW", "delete": "OLD"}
FUNCTION = """
CREATE FUNCTION note_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO statement_change (tx, statement, row) '
        'SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint), %L, %s FROM changed',
        TG_TABLE_NAME, TG_ARGV[0]
    );
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "statement_seal",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary()),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_id", sa.BigInteger()),
        sa.CheckConstraint(
            "(salt IS NULL) = (ended_id IS NOT NULL)", name=op.f("ck_statement_seal_salt_until_it_ends")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_statement_seal"),
        sa.UniqueConstraint("seal", name="uq_statement_seal_seal"),
        if_not_exists=True,
    )
    op.create_index(
        "uq_statement_seal_row",
        "statement_seal",
        ["statement", "row"],
        unique=True,
        postgresql_where=sa.text("ended_id IS NULL"),
        if_not_exists=True,
    )
    op.create_table(
        "statement_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("tx", sa.BigInteger()),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_statement_change"),
    )
    op.create_index("ix_statement_change_tx", "statement_change", ["tx"])
    op.create_index(
        "ix_statement_change_waiting", "statement_change", ["statement", "row"], postgresql_where=sa.text("tx IS NULL")
    )
    op.execute(FUNCTION)
    for table, columns in KEYS.items():
        key = " || '/' || ".join(f'"{column}"::text' for column in columns.split())
        for name, rows in EVENTS.items():
            op.execute(
                f'CREATE TRIGGER note_{name} AFTER {name.upper()} ON "{table}" REFERENCING {rows} TABLE AS changed '
                f"FOR EACH STATEMENT EXECUTE FUNCTION note_statement({quote(key)})"
            )
        shown = SHOWN.get(table, "true")
        op.execute(
            f"INSERT INTO statement_change (statement, row) SELECT '{table}', {key} "  # noqa: S608 - constants
            f'FROM "{table}" WHERE {shown}'
        )


def downgrade() -> None:
    """Drop the triggers and keep the seals, because the ledger names them and a later upgrade compares them."""
    for table in KEYS:
        for name in EVENTS:
            op.execute(f'DROP TRIGGER note_{name} ON "{table}"')
    op.execute("DROP FUNCTION note_statement()")
    op.drop_table("statement_change")


def quote(text: str) -> str:
    """Return a string as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
