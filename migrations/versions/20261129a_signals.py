"""Early warning: reports, signals, permanent acts, warnings and watchers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129a_signals"
down_revision = "20261128z_own_face"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_FUNCTIONS = (
    """
    CREATE FUNCTION signal_reports_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL THEN
                RETURN NEW;
            END IF;
            IF NEW.organisation_id IS NULL
                AND to_jsonb(NEW) - 'organisation_id' = to_jsonb(OLD) - 'organisation_id' THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'a report stays as it was filed' USING ERRCODE = '23514';
    END $$
    """,
    """
    CREATE FUNCTION signal_acts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'acts on signals stay' USING ERRCODE = '23514';
    END $$
    """,
    """
    CREATE FUNCTION signal_warnings_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.published_at IS NULL THEN
                RETURN OLD;
            END IF;
        ELSIF OLD.published_at IS NULL
            OR (NEW.texts = OLD.texts AND NEW.kind = OLD.kind AND NEW.published_at = OLD.published_at) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a warning that is out stays as it was' USING ERRCODE = '23514';
    END $$
    """,
    "CREATE TRIGGER signal_reports_stay BEFORE UPDATE OR DELETE ON signal_report "
    "FOR EACH ROW EXECUTE FUNCTION signal_reports_stay()",
    "CREATE TRIGGER signal_acts_stay BEFORE UPDATE OR DELETE ON signal_act "
    "FOR EACH ROW EXECUTE FUNCTION signal_acts_stay()",
    "CREATE TRIGGER signal_warnings_stay BEFORE UPDATE OR DELETE ON signal_warning "
    "FOR EACH ROW EXECUTE FUNCTION signal_warnings_stay()",
)


def upgrade() -> None:
    _make_reports()
    _make_signals()
    _make_links()
    _make_warnings()
    _make_watchers()
    for statement in _FUNCTIONS:
        op.execute(statement)


def _make_reports() -> None:
    op.create_table(
        "signal_report",
        _id(),
        _text("reference"),
        sa.Column("received_at", _TIME, nullable=False),
        *(_kind(name) for name in ("channel", "source_kind")),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        *(_text(name) for name in ("country", "region", "place")),
        sa.Column("happened_on", sa.Date(), nullable=False),
        _text("product"),
        _kind("form"),
        *(_text(name) for name in ("look", "substance_said")),
        sa.Column("substance_id", sa.BigInteger(), nullable=True),
        *(_text(name) for name in ("strength", "route")),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("deaths", "overdoses", "hospital")),
        _text("unusual"),
        sa.Column("naloxone", sa.Integer(), nullable=True),
        _kind("basis"),
        *(_text(name) for name in ("laboratory", "body", "cleared_body", "language")),
        _text("idempotency_key", nullable=True),
        sa.Column("content_mark", sa.LargeBinary(), nullable=False),
        sa.Column("return_key", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("erased_at", _TIME, nullable=True),
        sa.CheckConstraint("length(body) <= 2000", name="ck_signal_report_short_body"),
        sa.CheckConstraint(
            "coalesce(deaths, 0) >= 0 AND coalesce(overdoses, 0) >= 0", name="ck_signal_report_no_negative_harms"
        ),
        _foreign("signal_report", "organisation_id", "organisation", "SET NULL"),
        _foreign("signal_report", "substance_id", "term"),
        sa.PrimaryKeyConstraint("id", name="pk_signal_report"),
        *(
            sa.UniqueConstraint(name, name=f"uq_signal_report_{name}")
            for name in ("reference", "idempotency_key", "return_key")
        ),
    )
    op.create_index("ix_signal_report_place", "signal_report", ["country", "region", "happened_on"])
    op.create_index("ix_signal_report_received", "signal_report", ["received_at", "id"])
    op.create_index("ix_signal_report_organisation_id", "signal_report", ["organisation_id"])
    op.create_index("ix_signal_report_substance_id", "signal_report", ["substance_id"])


def _make_signals() -> None:
    op.create_table(
        "signal",
        _id(),
        *(_text(name) for name in ("slug", "title")),
        sa.Column("substance_id", sa.BigInteger(), nullable=True),
        *(_text(name) for name in ("country", "region", "place")),
        sa.Column("place_shown", sa.Boolean(), server_default="false", nullable=False),
        _kind("level"),
        sa.Column("level_at", _TIME, nullable=False),
        *(_kind(name) for name in ("state", "confidence")),
        sa.Column("opened_at", _TIME, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("assessed_by_id", "taken_by_id")),
        *(sa.Column(name, _TIME, nullable=True) for name in ("taken_at", "due_at", "reminded_at")),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("merged_into_id", "consultation_id")),
        sa.Column("closed_at", _TIME, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="ck_signal_merged_into_one"),
        _foreign("signal", "substance_id", "term"),
        _foreign("signal", "assessed_by_id", "account", "SET NULL"),
        _foreign("signal", "taken_by_id", "account", "SET NULL"),
        _foreign("signal", "merged_into_id", "signal"),
        _foreign("signal", "consultation_id", "consultation", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_signal"),
        sa.UniqueConstraint("slug", name="uq_signal_slug"),
    )
    for name in ("substance_id", "assessed_by_id", "taken_by_id", "merged_into_id", "consultation_id"):
        op.create_index(f"ix_signal_{name}", "signal", [name])
    op.create_index("ix_signal_public", "signal", ["level", "opened_at"], postgresql_where=sa.text("state = 'open'"))
    op.create_index("ix_signal_place", "signal", ["country", "region"])
    words = sa.literal_column("words_in_languages(title)")
    op.create_index("ix_signal_words", "signal", [words], postgresql_using="gin")
    op.create_table(
        "signal_act",
        _id(),
        sa.Column("signal_id", sa.BigInteger(), nullable=False),
        _kind("deed"),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("before", "after")),
        _text("reason"),
        _foreign("signal_act", "signal_id", "signal"),
        sa.PrimaryKeyConstraint("id", name="pk_signal_act"),
    )
    op.create_index("ix_signal_act_signal", "signal_act", ["signal_id", "id"])


def _make_links() -> None:
    op.create_table(
        "signal_link",
        sa.Column("report_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _kind("standing"),
        sa.Column("signal_id", sa.BigInteger(), nullable=True),
        sa.Column("due_at", _TIME, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("taken_by_id", "linked_by_id")),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("assessed_at", _TIME, nullable=True),
        _text("reason"),
        sa.CheckConstraint("(standing = 'linked') = (signal_id IS NOT NULL)", name="ck_signal_link_linked_to_one"),
        sa.CheckConstraint("standing <> 'not_signal' OR reason <> ''", name="ck_signal_link_reason_where_none"),
        _foreign("signal_link", "report_id", "signal_report"),
        _foreign("signal_link", "signal_id", "signal"),
        _foreign("signal_link", "taken_by_id", "account", "SET NULL"),
        _foreign("signal_link", "linked_by_id", "account", "SET NULL"),
        sa.PrimaryKeyConstraint("report_id", name="pk_signal_link"),
    )
    op.create_index(
        "ix_signal_link_due", "signal_link", ["due_at", "report_id"], postgresql_where=sa.text("standing = 'waiting'")
    )
    op.create_index("ix_signal_link_signal", "signal_link", ["signal_id", "report_id"])
    for name in ("taken_by_id", "linked_by_id"):
        op.create_index(f"ix_signal_link_{name}", "signal_link", [name])


def _make_warnings() -> None:
    op.create_table(
        "signal_warning",
        _id(),
        sa.Column("signal_id", sa.BigInteger(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        _kind("kind"),
        sa.Column("texts", JSONB(), nullable=False),
        _text("language"),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("written_at", _TIME, nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=True),
        *(sa.Column(name, _TIME, nullable=True) for name in ("published_at", "review_due_at", "reviewed_at")),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "second_id IS DISTINCT FROM author_id OR second_id IS NULL", name="ck_signal_warning_two_people"
        ),
        sa.CheckConstraint(
            "published_at IS NULL OR second_id IS NOT NULL OR review_due_at IS NOT NULL",
            name="ck_signal_warning_agreed_or_reviewed",
        ),
        _foreign("signal_warning", "signal_id", "signal"),
        _foreign("signal_warning", "author_id", "account", "SET NULL"),
        _foreign("signal_warning", "second_id", "account", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_signal_warning"),
        sa.UniqueConstraint("signal_id", "edition", name="uq_signal_warning_signal_id_edition"),
    )
    op.create_index(
        "uq_signal_warning_draft", "signal_warning", ["signal_id"], unique=True,
        postgresql_where=sa.text("published_at IS NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_signal_warning_review", "signal_warning", ["review_due_at"],
        postgresql_where=sa.text("reviewed_at IS NULL"),
    )  # fmt: skip
    for name in ("author_id", "second_id"):
        op.create_index(f"ix_signal_warning_{name}", "signal_warning", [name])


def _make_watchers() -> None:
    op.create_table(
        "signal_seat",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("on_call", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("since", _TIME, nullable=False),
        _foreign("signal_seat", "account_id", "account", "CASCADE"),
        sa.PrimaryKeyConstraint("account_id", name="pk_signal_seat"),
    )
    op.create_table(
        "watcher",
        _id(),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        _text("language"),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("countries", "regions", "substances")),
        _kind("least"),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.CheckConstraint("(account_id IS NULL) = (email_sealed IS NOT NULL)", name="ck_watcher_account_or_address"),
        _foreign("watcher", "account_id", "account", "CASCADE"),
        _foreign("watcher", "organisation_id", "organisation", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_watcher"),
        *(sa.UniqueConstraint(name, name=f"uq_watcher_{name}") for name in ("account_id", "email_index")),
    )
    op.create_index("ix_watcher_organisation_id", "watcher", ["organisation_id"])
    op.create_index(
        "ix_watcher_confirmed", "watcher", ["least", "id"], postgresql_where=sa.text("confirmed_at IS NOT NULL")
    )
    op.create_table(
        "signal_alert",
        sa.Column("signal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("watcher_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("message_id"),
        sa.Column("at", _TIME, nullable=False),
        _foreign("signal_alert", "signal_id", "signal"),
        _foreign("signal_alert", "watcher_id", "watcher", "CASCADE"),
        sa.PrimaryKeyConstraint("signal_id", "watcher_id", name="pk_signal_alert"),
    )
    op.create_index("ix_signal_alert_watcher_id", "signal_alert", ["watcher_id"])


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _kind(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(24), nullable=False)


def _foreign(table: str, column: str, to: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}", ondelete=ondelete)


def downgrade() -> None:
    for table in ("signal_alert", "watcher", "signal_seat", "signal_warning", "signal_link", "signal_act", "signal"):
        op.drop_table(table)
    op.drop_table("signal_report")
    for name in ("signal_reports_stay", "signal_acts_stay", "signal_warnings_stay"):
        op.execute(f"DROP FUNCTION {name}()")
