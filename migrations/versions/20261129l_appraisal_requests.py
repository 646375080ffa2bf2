"""Requests for reviews, appeals, the time of the last change of a draft, and former names and ties."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261129l_appraisal_requests"
down_revision = "20261129k_search_papers"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_TRIGGERS = (
    """
    CREATE FUNCTION former_name_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_TABLE_NAME = 'organisation' THEN
                INSERT INTO former_name (organisation_id, name, until) VALUES (OLD.id, OLD.name, now());
            ELSE
                INSERT INTO former_name (body_id, name, until) VALUES (OLD.id, OLD.name, now());
            END IF;
            RETURN NULL;
        END $$
    """,
    """
    CREATE FUNCTION former_member_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO former_tie (account_id, organisation_id, ended_at)
            SELECT a.id, o.id, now() FROM account a, organisation o
            WHERE a.id = OLD.account_id AND o.id = OLD.organisation_id;
            RETURN NULL;
        END $$
    """,
    """
    CREATE FUNCTION former_work_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO former_tie (account_id, body_id, ended_at)
            SELECT a.id, b.id, now() FROM account a, body b WHERE a.id = OLD.account_id AND b.id = OLD.body_id;
            RETURN NULL;
        END $$
    """,
    "CREATE TRIGGER former_name_is_kept AFTER UPDATE OF name ON organisation FOR EACH ROW "
    "WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION former_name_is_kept()",
    "CREATE TRIGGER former_name_is_kept AFTER UPDATE OF name ON body FOR EACH ROW "
    "WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION former_name_is_kept()",
    "CREATE TRIGGER former_member_is_kept AFTER DELETE ON membership FOR EACH ROW "
    "EXECUTE FUNCTION former_member_is_kept()",
    "CREATE TRIGGER former_work_is_kept AFTER DELETE ON body_member FOR EACH ROW "
    "EXECUTE FUNCTION former_work_is_kept()",
)
_DROPS = (
    "DROP TRIGGER former_work_is_kept ON body_member",
    "DROP TRIGGER former_member_is_kept ON membership",
    "DROP TRIGGER former_name_is_kept ON body",
    "DROP TRIGGER former_name_is_kept ON organisation",
    "DROP FUNCTION former_work_is_kept",
    "DROP FUNCTION former_member_is_kept",
    "DROP FUNCTION former_name_is_kept",
)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _refers(table: str, column: str, to: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}", ondelete=ondelete)


def upgrade() -> None:
    op.add_column("case_study", sa.Column("touched_at", _MOMENT, nullable=True))
    op.add_column("case_study", sa.Column("decided_at", _MOMENT, nullable=True))
    op.add_column("case_study", _number("decided_by_id", null=True))
    op.execute("UPDATE case_study SET touched_at = greatest(created_at, sent_at)")
    op.alter_column("case_study", "touched_at", nullable=False, server_default=sa.func.now())
    op.create_foreign_key("fk_case_study_decided_by_id_account", "case_study", "account", ["decided_by_id"], ["id"])
    _make_requests()
    _make_appeals()
    _make_former()
    for statement in _TRIGGERS:
        op.execute(statement)
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_case_study_unsent",
            "case_study",
            ["touched_at"],
            postgresql_where=sa.text("edition = 0"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def _make_requests() -> None:
    name = "appraisal_request"
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *(_number(column) for column in ("case_study_id", "account_id", "asked_by_id")),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("reminded_at", _MOMENT, nullable=True),
        sa.Column("declined_at", _MOMENT, nullable=True),
        _refers(name, "case_study_id", "case_study", "CASCADE"),
        _refers(name, "account_id", "account"),
        _refers(name, "asked_by_id", "account"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("case_study_id", "account_id", name=f"uq_{name}_case_study_id_account_id"),
    )
    op.create_index(f"ix_{name}_account_id", name, ["account_id"])
    open_ones = sa.text("declined_at IS NULL AND reminded_at IS NULL")
    op.create_index(f"ix_{name}_due", name, ["due_at"], postgresql_where=open_ones)


def _make_appeals() -> None:
    name = "case_study_appeal"
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _number("case_study_id"),
        sa.Column("against", sa.String(24), nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=False),
        _number("decided_by_id"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("outcome", sa.String(24), nullable=True),
        sa.Column("answered_at", _MOMENT, nullable=True),
        _number("moderator_id", null=True),
        sa.Column("answer", sa.Text(), nullable=False),
        _refers(name, "case_study_id", "case_study", "CASCADE"),
        _refers(name, "decided_by_id", "account"),
        _refers(name, "moderator_id", "account"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("case_study_id", "decided_at", name=f"uq_{name}_case_study_id_decided_at"),
    )
    op.create_index(f"ix_{name}_open", name, ["received_at", "id"], postgresql_where=sa.text("outcome IS NULL"))


def _make_former() -> None:
    either = "(organisation_id IS NULL) <> (body_id IS NULL)"
    for name, own in (
        ("former_tie", [_number("account_id"), sa.Column("ended_at", _MOMENT, nullable=False)]),
        ("former_name", [sa.Column("name", sa.Text(), nullable=False), sa.Column("until", _MOMENT, nullable=False)]),
    ):
        op.create_table(
            name,
            sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
            *own,
            _number("organisation_id", null=True),
            _number("body_id", null=True),
            sa.CheckConstraint(either, name=op.f(f"ck_{name}_one_of_two")),
            _refers(name, "organisation_id", "organisation", "CASCADE"),
            _refers(name, "body_id", "body", "CASCADE"),
            sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        )
    op.create_foreign_key(
        "fk_former_tie_account_id_account", "former_tie", "account", ["account_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index("ix_former_tie_account", "former_tie", ["account_id"])
    op.create_index("ix_former_tie_ended", "former_tie", ["ended_at"])
    op.create_index("ix_former_name_organisation", "former_name", ["organisation_id"])
    op.create_index("ix_former_name_body", "former_name", ["body_id"])


def downgrade() -> None:
    for statement in _DROPS:
        op.execute(statement)
    for table in ("former_name", "former_tie", "case_study_appeal", "appraisal_request"):
        op.drop_table(table)
    op.drop_index("ix_case_study_unsent", "case_study")
    op.drop_constraint("fk_case_study_decided_by_id_account", "case_study", type_="foreignkey")
    for column in ("decided_by_id", "decided_at", "touched_at"):
        op.drop_column("case_study", column)
