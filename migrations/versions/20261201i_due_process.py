"""Appeals and reports by readers in every package with decisions, decisions on reports of use, and the decision that an
appeal names.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "20261201i_due_process"
down_revision = "20261201h_statement_seals"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_RECOURSE = {
    "action_report_appeal": "action_report_id",
    "action_report_reader_report": "action_report_id",
    "case_study_reader_report": "case_study_id",
    "case_study_use_appeal": "use_id",
    "case_study_use_reader_report": "use_id",
}
"""New tables of appeals and reports by readers, each with the column of its statement."""
_SEALED = (*_RECOURSE, "case_study_use_decision", "case_study_appeal")
_EVENTS = {"insert": "NEW", "update": "NEW", "delete": "OLD"}
_DECISIONS_OF_APPEALS = """
INSERT INTO case_study_decision (case_study_id, moderator_id, outcome, note, mark, policy, at, ended, ended_at)
SELECT a.case_study_id, a.decided_by_id,
       CASE WHEN a.against = 'return' THEN 'return'
            WHEN s.withdrawn_by = 'publisher' THEN 'retract' ELSE 'withdraw' END,
       a.why, '', 1, a.decided_at, 'took_effect', a.decided_at
FROM case_study_appeal a JOIN case_study s ON s.id = a.case_study_id
WHERE NOT EXISTS (SELECT 1 FROM case_study_decision d
                  WHERE d.case_study_id = a.case_study_id AND d.ended = 'took_effect' AND d.ended_at = a.decided_at)
"""
_NAME_DECISIONS = """
UPDATE case_study_appeal a SET decision_id = (
    SELECT max(d.id) FROM case_study_decision d
    WHERE d.case_study_id = a.case_study_id AND d.ended = 'took_effect' AND d.ended_at = a.decided_at
)
"""
_COPIES = """
CREATE FUNCTION appeal_names_decision() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        made case_study_decision;
    BEGIN
        IF NEW.decision_id IS NULL THEN
            SELECT max(id) INTO NEW.decision_id FROM case_study_decision
            WHERE case_study_id = NEW.case_study_id AND ended = 'took_effect' AND ended_at = NEW.decided_at;
        ELSE
            SELECT * INTO made FROM case_study_decision WHERE id = NEW.decision_id;
            NEW.against := CASE WHEN made.outcome = 'return' THEN 'return' ELSE 'withdrawal' END;
            NEW.decided_at := made.ended_at;
            NEW.decided_by_id := made.moderator_id;
            NEW.why := made.note;
        END IF;
        RETURN NEW;
    END $$
"""
_STAYS = """
CREATE OR REPLACE FUNCTION reports_of_actions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND OLD.state = 'waiting' THEN RETURN OLD; END IF;
        IF TG_OP = 'DELETE' OR {decided} OR ({old}) IS DISTINCT FROM ({new}) THEN
            RAISE EXCEPTION 'report % stays as it was given', OLD.id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$
"""
_KEPT = (
    *("id", "action_id", "side", "organisation_id", "account_id", "progress", "words", "language", "links"),
    *("interests", "at", "files"),
)


def _write_trigger(decided: str) -> str:
    old, new = (", ".join(f"{row}.{name}" for name in _KEPT) for row in ("OLD", "NEW"))
    return _STAYS.format(decided=decided, old=old, new=new)


def _refer(table: str, column: str, to: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}", ondelete=ondelete)


def _account(table: str, column: str, *, null: bool = True) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return sa.Column(column, sa.BigInteger(), nullable=null), _refer(table, column, "account")


def _list_decision_columns(table: str, item: str, to: str) -> Sequence[sa.schema.SchemaItem]:
    return (
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column(item, sa.BigInteger(), nullable=False),
        *_account(table, "moderator_id", null=False),
        *_account(table, "second_id"),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("ended", sa.String(24)),
        sa.Column("ended_at", _MOMENT),
        sa.CheckConstraint("second_id <> moderator_id", name=op.f(f"ck_{table}_two_are_two")),
        _refer(table, item, to, "CASCADE"),
        sa.ForeignKeyConstraint(["reason"], ["reason.code"], name=f"fk_{table}_reason_reason"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def _list_recourse_columns(table: str, item: str, to: str) -> Sequence[sa.schema.SchemaItem]:
    """Return the columns that appeals and reports by readers share."""
    return (
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column(item, sa.BigInteger(), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("outcome", sa.String(24)),
        sa.Column("answered_at", _MOMENT),
        *_account(table, "moderator_id"),
        sa.Column("answer", sa.Text(), nullable=False),
        _refer(table, item, to, "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def _list_appeal_columns(table: str, item: str, to: str, decisions: str) -> Sequence[sa.schema.SchemaItem]:
    return (
        *_list_recourse_columns(table, item, to),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _refer(table, "decision_id", decisions, "CASCADE"),
        sa.UniqueConstraint("decision_id", name=f"uq_{table}_decision_id"),
    )


def _list_report_columns(table: str, item: str, to: str) -> Sequence[sa.schema.SchemaItem]:
    return (
        *_list_recourse_columns(table, item, to),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary()),
        sa.Column("words", sa.LargeBinary()),
        sa.Column("contact", sa.LargeBinary()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.UniqueConstraint("key", name=f"uq_{table}_key"),
    )


def _create_indexes() -> None:
    for table, item in _RECOURSE.items():
        op.create_index(f"ix_{table}_item", table, [item, "id"])
        op.create_index(f"ix_{table}_open", table, ["received_at", "id"], postgresql_where=sa.text("outcome IS NULL"))
    table, is_open = "case_study_use_decision", sa.text("ended IS NULL")
    op.create_index(f"uq_{table}_open", table, ["use_id"], unique=True, postgresql_where=is_open)
    op.create_index(f"ix_{table}_item", table, ["use_id", "id"])
    op.create_index(f"ix_{table}_due", table, ["due_at"], postgresql_where=is_open)


def _note_changes() -> None:
    """Create triggers that note changes of the new tables, and note existing appeals for sealing."""
    for table in _SEALED:
        for name, rows in _EVENTS.items():
            op.execute(
                f"CREATE TRIGGER note_{name} AFTER {name.upper()} ON {table} REFERENCING {rows} TABLE AS changed "
                "FOR EACH STATEMENT EXECUTE FUNCTION note_statement('\"id\"::text')"
            )
    op.execute("INSERT INTO statement_change (statement, row) SELECT 'case_study_appeal', id FROM case_study_appeal")
    op.execute("UPDATE statement_change SET tx = NULL")  # the decisions made here are sealed like older rows


def upgrade() -> None:
    use = "use_id", "case_study_used"
    report = "action_report_id", "action_report"
    op.create_table("case_study_use_decision", *_list_decision_columns("case_study_use_decision", *use))
    op.create_table(
        "case_study_use_appeal", *_list_appeal_columns("case_study_use_appeal", *use, "case_study_use_decision")
    )
    op.create_table("case_study_use_reader_report", *_list_report_columns("case_study_use_reader_report", *use))
    op.create_table(
        "case_study_reader_report", *_list_report_columns("case_study_reader_report", "case_study_id", "case_study")
    )
    op.create_table(
        "action_report_appeal", *_list_appeal_columns("action_report_appeal", *report, "action_report_decision")
    )
    op.create_table("action_report_reader_report", *_list_report_columns("action_report_reader_report", *report))
    _create_indexes()
    op.execute(_write_trigger("(OLD.state <> 'waiting' AND NEW.state IN (OLD.state, 'waiting'))"))
    op.add_column("case_study_appeal", sa.Column("decision_id", sa.BigInteger()))
    op.execute(_DECISIONS_OF_APPEALS)
    op.execute(_NAME_DECISIONS)
    op.execute(_COPIES)
    op.execute(
        "CREATE TRIGGER appeal_names_decision BEFORE INSERT ON case_study_appeal FOR EACH ROW "
        "EXECUTE FUNCTION appeal_names_decision()"
    )
    op.create_foreign_key(
        "fk_case_study_appeal_decision_id_case_study_decision",
        "case_study_appeal",
        "case_study_decision",
        ["decision_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.alter_column("case_study_appeal", "decision_id", nullable=False)
    _note_changes()
    with op.get_context().autocommit_block():
        op.create_index(
            "uq_case_study_appeal_decision",
            "case_study_appeal",
            ["decision_id"],
            unique=True,
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("uq_case_study_appeal_decision", "case_study_appeal", postgresql_concurrently=True)
    op.execute("DROP TRIGGER appeal_names_decision ON case_study_appeal")
    op.execute("DROP FUNCTION appeal_names_decision")
    for name in _EVENTS:
        op.execute(f"DROP TRIGGER note_{name} ON case_study_appeal")
    op.drop_column("case_study_appeal", "decision_id")
    op.execute(_write_trigger("OLD.state <> 'waiting'"))
    for table in (*_RECOURSE, "case_study_use_decision"):
        op.drop_table(table)
    for table in ("action_report_decision", "case_study_decision"):
        op.execute(f"DELETE FROM {table} WHERE outcome = 'keep'")  # noqa: S608 - unknown to the release before
