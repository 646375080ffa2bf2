"""Files of reports on actions. A report that waits for a moderator can be withdrawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129l_report_files"
down_revision = "20261129l_link_language"
branch_labels = None
depends_on = None

_STAYS = """
CREATE OR REPLACE FUNCTION reports_of_actions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {withdrawn}
        IF TG_OP = 'DELETE' OR OLD.state <> 'waiting' OR ({old}) IS DISTINCT FROM ({new}) THEN
            RAISE EXCEPTION 'report % stays as it was given', OLD.id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$
"""
_COLUMNS = (
    *("id", "action_id", "side", "organisation_id", "account_id", "progress", "words", "language", "links"),
    *("interests", "at"),
)
_WITHDRAWN = "IF TG_OP = 'DELETE' AND OLD.state = 'waiting' THEN RETURN OLD; END IF;"
_FILES = """
CREATE FUNCTION files_of_reports_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        report action_report;
    BEGIN
        SELECT * INTO report FROM action_report WHERE id = coalesce(NEW.report_id, OLD.report_id);
        IF TG_OP = 'INSERT' AND NEW.position < jsonb_array_length(report.files) THEN
            RETURN NEW;
        ELSIF TG_OP = 'DELETE' AND report.state = 'waiting' THEN
            RETURN OLD;
        ELSIF TG_OP = 'UPDATE' AND OLD.file_id IS NOT NULL AND NEW.file_id IS NULL
            AND (NEW.report_id, NEW.position) = (OLD.report_id, OLD.position)
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'files of report % stay as they were given',
            coalesce(NEW.report_id, OLD.report_id) USING ERRCODE = '23514';
    END $$
"""
_TRIGGER = (
    "CREATE TRIGGER files_of_reports_stay BEFORE INSERT OR UPDATE OR DELETE ON action_report_file FOR EACH ROW "
    "EXECUTE FUNCTION files_of_reports_stay()"
)


def _stays(*more: str, withdrawn: bool) -> str:
    names = (*_COLUMNS, *more)
    old, new = (", ".join(f"{row}.{name}" for name in names) for row in ("OLD", "NEW"))
    return _STAYS.format(withdrawn=_WITHDRAWN if withdrawn else "", old=old, new=new)


def _shown_by(condition: str) -> None:
    """Replace the check that a finished action has evidence. Existing rows are not checked."""
    op.execute("ALTER TABLE action_report DROP CONSTRAINT ck_action_report_ck_action_report_done_with_evidence")
    op.execute(
        "ALTER TABLE action_report ADD CONSTRAINT ck_action_report_ck_action_report_done_with_evidence "
        f"CHECK (progress <> 'done' OR {condition}) NOT VALID"
    )


def upgrade() -> None:
    op.add_column("action_report", sa.Column("files", JSONB(), server_default="[]", nullable=False))
    _shown_by("jsonb_array_length(links) + jsonb_array_length(files) > 0")
    op.execute("ALTER TABLE action_report VALIDATE CONSTRAINT ck_action_report_ck_action_report_done_with_evidence")
    op.create_table(
        "action_report_file",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("position >= 0", name="counted"),
        sa.CheckConstraint(
            "(file_id IS NULL) = (taken_at IS NOT NULL) AND (salt IS NULL) = (taken_at IS NOT NULL)",
            name="there_or_taken",
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name="fk_action_report_file_file_id_stored_file"),
        sa.ForeignKeyConstraint(
            ["report_id"], ["action_report.id"], name="fk_action_report_file_report_id_action_report"
        ),
        sa.PrimaryKeyConstraint("report_id", "position", name="pk_action_report_file"),
        sa.UniqueConstraint("file_id", name="uq_action_report_file_file_id"),
    )
    for statement in (_stays("files", withdrawn=True), _FILES, _TRIGGER):
        op.execute(statement)


def downgrade() -> None:
    op.execute(_stays(withdrawn=False))
    op.drop_table("action_report_file")
    op.execute("DROP FUNCTION files_of_reports_stay()")
    _shown_by("jsonb_array_length(links) > 0")
    op.drop_column("action_report", "files")
