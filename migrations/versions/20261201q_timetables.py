"""Timetables of actions: several due dates, repeated ones, or none. Responsible parties become rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201q_timetables"
down_revision = "20261201p_signal_alarms"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_KEYS = {
    "action_due": '"id"::text',
    "doer": '"id"::text',
    "action_doer": "\"action_id\"::text || ''/'' || \"doer_id\"::text",
}
_CHECKS = {
    "dated_by_timetable": "(coalesce(timetable, '') IN ('standing', 'open')) = (due_on IS NULL)",
    "repeated_by_timetable": "(coalesce(timetable, '') = 'every') = (every_months IS NOT NULL)",
    "repeated_in_ten_years": "every_months BETWEEN 1 AND 120",
}
_STAYS = """
CREATE OR REPLACE FUNCTION reports_of_actions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND OLD.state = 'waiting' THEN RETURN OLD; END IF;
        IF TG_OP = 'DELETE' OR (OLD.state <> 'waiting' AND NEW.state IN (OLD.state, 'waiting'))
                OR ({old}) IS DISTINCT FROM ({new}) THEN
            RAISE EXCEPTION 'report % stays as it was given', OLD.id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$
"""
_KEPT = (
    *("id", "action_id", "side", "organisation_id", "account_id", "progress", "words", "language", "links"),
    *("interests", "at", "files"),
)


def _protect(*names: str) -> None:
    old, new = (", ".join(f"{row}.{name}" for name in names) for row in ("OLD", "NEW"))
    op.execute(_STAYS.format(old=old, new=new))


def _create_tables() -> None:
    op.create_table(
        "action_due",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("overdue_at", _MOMENT),
        sa.Column("done_at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name="fk_action_due_action_id_action", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_action_due"),
        sa.UniqueConstraint("action_id", "due_on", name="uq_action_due_action_id_due_on"),
    )
    op.create_table(
        "doer",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("body_id", sa.BigInteger()),
        sa.CheckConstraint("words <> ''", name=op.f("ck_doer_named")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_doer_plan_id_plan", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_doer_body_id_body"),
        sa.PrimaryKeyConstraint("id", name="pk_doer"),
        sa.UniqueConstraint("plan_id", "words", name="uq_doer_plan_id_words"),
    )
    op.create_index("ix_doer_body", "doer", ["body_id"])
    op.create_table(
        "action_doer",
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.Column("doer_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name="fk_action_doer_action_id_action", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["doer_id"], ["doer.id"], name="fk_action_doer_doer_id_doer", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("action_id", "doer_id", name="pk_action_doer"),
    )
    op.create_index("ix_action_doer_doer_id", "action_doer", ["doer_id"])


def _seal_tables() -> None:
    """Create triggers that note changes of the new tables, with all columns in the seals."""
    events = {
        "insert": "NEW TABLE AS changed",
        "update": "OLD TABLE AS former NEW TABLE AS changed",
        "delete": "OLD TABLE AS former",
    }
    for table, key in _KEYS.items():
        for name, rows in events.items():
            given = f"'{key}'" if name == "insert" else f"'{key}', '{{}}'"
            op.execute(
                f"CREATE TRIGGER note_{name} AFTER {name.upper()} ON {table} REFERENCING {rows} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION note_statement({given})"
            )


def upgrade() -> None:
    op.add_column("action", sa.Column("timetable", sa.String(24)))
    op.add_column("action", sa.Column("timetable_words", sa.Text()))
    op.add_column("action", sa.Column("every_months", sa.Integer()))
    op.add_column("action", sa.Column("repeats_until", sa.Date()))
    op.add_column("action", sa.Column("kept_on", sa.Date()))
    op.add_column("action_report", sa.Column("due_on", sa.Date()))
    op.alter_column("action", "due_on", nullable=True)
    for name, rule in _CHECKS.items():
        op.execute(f"ALTER TABLE action ADD CONSTRAINT ck_action_{name} CHECK ({rule}) NOT VALID")
        op.execute(f"ALTER TABLE action VALIDATE CONSTRAINT ck_action_{name}")
    _create_tables()
    _seal_tables()
    op.execute(
        "INSERT INTO doer (plan_id, words, body_id) SELECT plan_id, owner_name, max(owner_id) FROM action "
        "WHERE plan_id IS NOT NULL GROUP BY plan_id, owner_name ORDER BY 1, 2"
    )
    op.execute(
        "INSERT INTO action_doer (action_id, doer_id, position) SELECT a.id, d.id, 0 FROM action a "
        "JOIN doer d ON d.plan_id = a.plan_id AND d.words = a.owner_name"
    )
    op.execute("UPDATE statement_change SET tx = NULL")  # the rows made here are sealed like older rows
    _protect(*_KEPT, "due_on")


def downgrade() -> None:
    _protect(*_KEPT)
    for table in ("action_doer", "doer", "action_due"):
        op.drop_table(table)
    for name in _CHECKS:
        op.execute(f"ALTER TABLE action DROP CONSTRAINT ck_action_{name}")
    op.execute(
        "UPDATE action a SET due_on = make_date(p.period_to, 12, 31) FROM plan p "  # the day that drafts give
        "WHERE p.id = a.plan_id AND a.due_on IS NULL"
    )
    op.execute("UPDATE action SET due_on = created_at::date WHERE due_on IS NULL")
    op.alter_column("action", "due_on", nullable=False)
    op.drop_column("action_report", "due_on")
    for name in ("kept_on", "repeats_until", "every_months", "timetable_words", "timetable"):
        op.drop_column("action", name)
