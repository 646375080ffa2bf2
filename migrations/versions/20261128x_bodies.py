"""Public bodies.

Each distinct name of a consulting body becomes a body, and owners of its consultations become its leads.
"""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "20261128x"
down_revision = "20261128w"
branch_labels = None
depends_on = None

_OUTCOMES = ("accepted", "in_part", "not_accepted", "out_of_scope", "deferred")
_AGREED = """
CREATE FUNCTION every_body_agrees() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME = 'consultation' THEN
            IF EXISTS (
                SELECT 1 FROM consultation_body b
                WHERE b.consultation_id = NEW.id AND b.part = 'asks' AND b.agreed_at IS NULL
            ) THEN
                RAISE EXCEPTION 'a body that asks in consultation % has not agreed', NEW.id USING ERRCODE = '23514';
            END IF;
        ELSIF NEW.part = 'asks' AND NEW.agreed_at IS NULL AND EXISTS (
            SELECT 1 FROM consultation c WHERE c.id = NEW.consultation_id AND c.phase <> 'draft'
        ) THEN
            RAISE EXCEPTION 'consultation % is published', NEW.consultation_id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$
"""
_LED = """
CREATE FUNCTION a_body_is_led() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM body_member WHERE body_id = OLD.body_id)
            AND NOT EXISTS (SELECT 1 FROM body_member WHERE body_id = OLD.body_id AND role = 'lead') THEN
            RAISE EXCEPTION 'body % has nobody who leads it', OLD.body_id USING ERRCODE = '23514';
        END IF;
        RETURN NULL;
    END $$
"""
_TRIGGERS = (
    "CREATE TRIGGER every_body_agrees BEFORE UPDATE OF phase ON consultation FOR EACH ROW "
    "WHEN (OLD.phase = 'draft' AND NEW.phase <> 'draft') EXECUTE FUNCTION every_body_agrees()",
    "CREATE TRIGGER every_body_agrees BEFORE INSERT OR UPDATE ON consultation_body FOR EACH ROW "
    "EXECUTE FUNCTION every_body_agrees()",
    "CREATE CONSTRAINT TRIGGER a_body_is_led AFTER UPDATE OR DELETE ON body_member DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION a_body_is_led()",
)
_FILL = (
    "UPDATE consultation c SET body_id = b.id FROM body b WHERE b.name = c.body",
    "INSERT INTO body_member (body_id, account_id, role, since) "
    "SELECT DISTINCT c.body_id, c.owner_id, 'lead', now() FROM consultation c JOIN account a ON a.id = c.owner_id "
    "WHERE a.verified_at IS NOT NULL AND a.role = 'policymaker'",
    "UPDATE response r SET body_id = c.body_id, promised_for = coalesce(("
    "SELECT f.due_on FROM response_former f WHERE f.response_id = r.id AND f.due_on IS NOT NULL "
    "AND f.due_on IS DISTINCT FROM r.due_on ORDER BY f.id DESC LIMIT 1), c.answer_by) "
    "FROM consultation c WHERE c.id = r.consultation_id",
)


def upgrade() -> None:
    _make_bodies()
    op.add_column("consultation", sa.Column("body_id", sa.BigInteger(), nullable=True))
    op.add_column("obligation", sa.Column("body_id", sa.BigInteger(), nullable=True))
    op.add_column("response", sa.Column("body_id", sa.BigInteger(), nullable=True))
    op.add_column("response", sa.Column("promised_for", sa.Date(), nullable=True))
    for table in ("consultation", "obligation", "response"):
        op.create_foreign_key(f"fk_{table}_body_id_body", table, "body", ["body_id"], ["id"])
    _make_joint()
    for statement in (_AGREED, _LED, *_TRIGGERS):
        op.execute(statement)
    _name_bodies()
    for statement in _FILL:
        op.execute(statement)
    with op.get_context().autocommit_block():
        op.create_index("ix_consultation_body", "consultation", ["body_id", "id"], postgresql_concurrently=True)
        op.create_index("ix_obligation_body", "obligation", ["body_id"], postgresql_concurrently=True)
        op.create_index("ix_response_body", "response", ["body_id", "answered_at"], postgresql_concurrently=True)


def _make_bodies() -> None:
    op.create_table(
        "body",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("slug", "name")),
        sa.Column("names", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("about", "address")),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("colour", sa.Text(), nullable=True),
        sa.Column("promise_days", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(logo) <= 65536", name="ck_body_small_logo"),
        sa.CheckConstraint("promise_days BETWEEN 1 AND 730", name="ck_body_promise_in_two_years"),
        sa.PrimaryKeyConstraint("id", name="pk_body"),
        *(sa.UniqueConstraint(name, name=f"uq_body_{name}") for name in ("slug", "name", "code")),
    )
    op.create_table(
        "body_member",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("body_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        _foreign("body_member", "body_id", "body", cascade=True),
        _foreign("body_member", "account_id", "account", cascade=True),
        sa.PrimaryKeyConstraint("id", name="pk_body_member"),
        sa.UniqueConstraint("body_id", "account_id", name="uq_body_member_body_id_account_id"),
    )
    op.create_index("ix_body_member_account_id", "body_member", ["account_id"])
    op.create_table(
        "body_invitation",
        sa.Column("link_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        _foreign("body_invitation", "link_id", "link_token", cascade=True),
        _foreign("body_invitation", "body_id", "body", cascade=True),
        sa.PrimaryKeyConstraint("link_id", name="pk_body_invitation"),
    )
    op.create_index("ix_body_invitation_body_id", "body_invitation", ["body_id"])


def _make_joint() -> None:
    op.create_table(
        "consultation_body",
        sa.Column("consultation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.String(24), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_by_id", sa.BigInteger(), nullable=True),
        _foreign("consultation_body", "consultation_id", "consultation", cascade=True),
        _foreign("consultation_body", "body_id", "body"),
        _foreign("consultation_body", "agreed_by_id", "account"),
        sa.PrimaryKeyConstraint("consultation_id", "body_id", name="pk_consultation_body"),
    )
    op.create_index("ix_consultation_body_body_id", "consultation_body", ["body_id"])
    op.create_table(
        "response_beside",
        sa.Column("argument_id", sa.BigInteger(), nullable=False),
        sa.Column("body_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reasons <> ''", name="ck_response_beside_gives_reasons"),
        _foreign("response_beside", "argument_id", "argument"),
        _foreign("response_beside", "body_id", "body"),
        _foreign("response_beside", "account_id", "account"),
        sa.PrimaryKeyConstraint("argument_id", "body_id", name="pk_response_beside"),
    )


def _foreign(table: str, column: str, to: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{to}"
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete="CASCADE" if cascade else None)


def _name_bodies() -> None:
    """Create a body for each distinct name, with a slug made from it."""
    names = op.get_bind().scalars(sa.text("SELECT DISTINCT body FROM consultation ORDER BY body")).all()
    taken: set[str] = set()
    for name in names:
        base = slug = _make_slug(name) or "body"
        count = 1
        while slug in taken:
            count += 1
            slug = f"{base}-{count}"
        taken.add(slug)
        op.execute(
            sa.text(
                "INSERT INTO body (slug, name, names, kind, about, address, created_at, revision) "
                "VALUES (:slug, :name, '{}', 'agency', '', '', now(), 1)"
            ).bindparams(slug=slug, name=name)
        )


def _make_slug(name: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return "-".join(re.findall("[a-z0-9]+", plain))[:60].strip("-")


def downgrade() -> None:
    for table in ("consultation", "consultation_body"):
        op.execute(f"DROP TRIGGER every_body_agrees ON {table}")
    op.execute("DROP TRIGGER a_body_is_led ON body_member")
    op.execute("DROP FUNCTION every_body_agrees()")
    op.execute("DROP FUNCTION a_body_is_led()")
    for table in ("response_beside", "consultation_body"):
        op.drop_table(table)
    with op.get_context().autocommit_block():
        for table in ("response", "obligation", "consultation"):
            op.drop_index(f"ix_{table}_body", table, postgresql_concurrently=True, if_exists=True)
    for table in ("response", "obligation", "consultation"):
        op.drop_constraint(f"fk_{table}_body_id_body", table, type_="foreignkey")
        op.drop_column(table, "body_id")
    op.drop_column("response", "promised_for")
    for table in ("body_invitation", "body_member", "body"):
        op.drop_table(table)
