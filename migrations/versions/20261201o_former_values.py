"""Former values of changed rows: a seal is renewed only if the row matched it before the change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261201o_former_values"
down_revision = "20261201n_readable_version"
branch_labels = None
depends_on = None

LEFT_OUT = {
    "action": "created_at revision",
    "action_report_appeal": "words",
    "action_report_decision": "due_at mark note",
    "action_report_file": "salt",
    "action_report_reader_report": "contact key language salt words",
    "appeal": "revision sealed",
    "argument": "centre letter_key made_at phrases revision",
    "argument_code": "added_by",
    "body": "created_at revision",
    "call": "created_at revision",
    "campaign": "adding confirmed contrary core declared_by detected exact judged letter_hash members name_slots ours "
    "template texts versions",
    "case_study": "created_at decided_at decided_by_id next_state returned_why revision sent_at touched_at words "
    "working",
    "case_study_appeal": "against decided_at why words",
    "case_study_decision": "due_at mark note",
    "case_study_reader_report": "contact key language salt words",
    "case_study_use_appeal": "words",
    "case_study_use_decision": "due_at mark note",
    "case_study_use_reader_report": "contact key language salt words",
    "consultation": "created_at practice_until preview reminded_for revision settled",
    "cosignature": "account_id invited_at",
    "decision": "batch_id due_at internal_note note queue redactions revision",
    "digest": "body",
    "document": "created_at",
    "evidence_tag": "tagged_by",
    "facilitation": "account_id created_at",
    "indicator": "created_at",
    "indicator_import": "account_id at",
    "obligation": "told_at",
    "organisation": "created_at two_people",
    "plan": "created_at revision",
    "provision_tag": "tagged_by",
    "report": "checked contact key language salt words",
    "response": "revision",
    "signal": "due_at reminded_at revision taken_at taken_by_id",
    "signal_link": "due_at held_until taken_by_id",
    "site_text": "account_id",
    "translation": "account_id",
    "version": "created_at source",
}
"""The columns of each table that no seal covers. Their former values are not noted."""
_TABLES = sa.text(
    """
    SELECT c.relname, rtrim(encode(t.tgargs, 'escape'), '\\000') FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE p.proname = 'note_statement' AND t.tgname = 'note_insert' ORDER BY c.relname
    """
)
"""The tables with triggers, and the SQL of their keys."""
FUNCTION = """
CREATE OR REPLACE FUNCTION note_statement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    tx bigint := CAST(CAST(pg_current_xact_id() AS text) AS bigint);
BEGIN
    IF TG_OP <> 'INSERT' THEN
        EXECUTE format(
            'INSERT INTO statement_change (tx, statement, row, former) '
            'SELECT %s, %L, %s, to_jsonb(f) - CAST(%L AS text[]) FROM former AS f',
            tx, TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[1]
        );
    END IF;
    IF TG_OP = 'INSERT' THEN
        EXECUTE format(
            'INSERT INTO statement_change (tx, statement, row) SELECT %s, %L, %s FROM changed',
            tx, TG_TABLE_NAME, TG_ARGV[0]
        );
    ELSIF TG_OP = 'UPDATE' THEN
        EXECUTE format(
            'INSERT INTO statement_change (tx, statement, row) '
            'SELECT %1$s, %2$L, key FROM (SELECT %3$s AS key FROM changed EXCEPT SELECT %3$s FROM former) AS moved',
            tx, TG_TABLE_NAME, TG_ARGV[0]
        );
    END IF;
    RETURN NULL;
END
$$
"""
FORMER_FUNCTION = """
CREATE OR REPLACE FUNCTION note_statement() RETURNS trigger LANGUAGE plpgsql AS $$
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
    op.add_column("statement_change", sa.Column("former", JSONB()))
    op.execute(FUNCTION)
    for table, key in op.get_bind().execute(_TABLES).all():
        left_out = "{" + ",".join(LEFT_OUT.get(table, "").split()) + "}"
        _set_trigger(table, "update", "OLD TABLE AS former NEW TABLE AS changed", key, left_out)
        _set_trigger(table, "delete", "OLD TABLE AS former", key, left_out)


def downgrade() -> None:
    for table, key in op.get_bind().execute(_TABLES).all():
        _set_trigger(table, "update", "NEW TABLE AS changed", key)
        _set_trigger(table, "delete", "OLD TABLE AS changed", key)
    op.execute(FORMER_FUNCTION)
    op.drop_column("statement_change", "former")


def _set_trigger(table: str, event: str, rows: str, *arguments: str) -> None:
    given = ", ".join(_quote(argument) for argument in arguments)
    op.execute(
        f'CREATE OR REPLACE TRIGGER note_{event} AFTER {event.upper()} ON "{table}" REFERENCING {rows} '
        f"FOR EACH STATEMENT EXECUTE FUNCTION note_statement({given})"
    )


def _quote(text: str) -> str:
    """Return a string as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
