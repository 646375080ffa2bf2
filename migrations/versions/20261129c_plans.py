"""Plans: actions, reports by government and organisations, indicators, and the action created by an accepted answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129c_plans"
down_revision = "20261129a_signals"
branch_labels = None
depends_on = None

_KEPT = """
CREATE FUNCTION reports_of_actions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.state <> 'waiting' OR
            (OLD.id, OLD.action_id, OLD.side, OLD.organisation_id, OLD.account_id, OLD.progress, OLD.words,
                OLD.language, OLD.links, OLD.interests, OLD.at)
            IS DISTINCT FROM
            (NEW.id, NEW.action_id, NEW.side, NEW.organisation_id, NEW.account_id, NEW.progress, NEW.words,
                NEW.language, NEW.links, NEW.interests, NEW.at)
        THEN
            RAISE EXCEPTION 'report % stays as it was given', OLD.id USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$
"""
_SERIES = """
CREATE FUNCTION observations_stay() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'values of import % stay as they were read', OLD.import_id USING ERRCODE = '23514';
    END $$
"""
_TRIGGERS = (
    "CREATE TRIGGER reports_of_actions_stay BEFORE UPDATE OR DELETE ON action_report FOR EACH ROW "
    "EXECUTE FUNCTION reports_of_actions_stay()",
    "CREATE TRIGGER observations_stay BEFORE UPDATE OR DELETE ON observation FOR EACH ROW "
    "EXECUTE FUNCTION observations_stay()",
)


def upgrade() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("body_id", sa.BigInteger(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=True),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("period_from", sa.Integer(), nullable=False),
        sa.Column("period_to", sa.Integer(), nullable=False),
        sa.Column("review_every", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("period_from <= period_to", name="ck_plan_period_in_order"),
        sa.CheckConstraint("review_every BETWEEN 3 AND 60", name="ck_plan_review_in_five_years"),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_plan_body_id_body"),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name="fk_plan_consultation_id_consultation"),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name="fk_plan_version_id_version"),
        sa.PrimaryKeyConstraint("id", name="pk_plan"),
        sa.UniqueConstraint("slug", name="uq_plan_slug"),
    )
    op.create_index("ix_plan_body", "plan", ["body_id"])
    op.create_table(
        "action",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=True),
        sa.Column("consultation_id", sa.BigInteger(), nullable=True),
        sa.Column("body_id", sa.BigInteger(), nullable=True),
        sa.Column("wid", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("objective", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("measured_by", sa.Text(), nullable=False),
        sa.Column("assessed_by", sa.Text(), nullable=False),
        sa.Column("cost", sa.Text(), nullable=False),
        sa.Column("moved", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("owner_name <> ''", name="ck_action_says_who"),
        sa.CheckConstraint("title <> ''", name="ck_action_says_what"),
        sa.CheckConstraint("begins_on <= due_on", name="ck_action_begins_before"),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_action_body_id_body"),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name="fk_action_consultation_id_consultation"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["body.id"], name="fk_action_owner_id_body"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_action_plan_id_plan"),
        sa.PrimaryKeyConstraint("id", name="pk_action"),
        sa.UniqueConstraint("plan_id", "number", name="uq_action_plan_id_number"),
    )
    op.create_index("ix_action_body", "action", ["body_id"])
    op.create_index("ix_action_due", "action", ["due_on"], postgresql_where=sa.text("overdue_at IS NULL"))
    op.create_index("ix_action_owner", "action", ["owner_id"])
    op.create_table(
        "indicator",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("titles", JSONB(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("better", sa.String(24), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Numeric(), nullable=True),
        sa.Column("baseline_period", sa.Text(), nullable=False),
        sa.Column("target", sa.Numeric(), nullable=True),
        sa.Column("target_period", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("headline", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code <> ''", name="ck_indicator_has_a_code"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_indicator_plan_id_plan"),
        sa.PrimaryKeyConstraint("id", name="pk_indicator"),
        sa.UniqueConstraint("plan_id", "code", name="uq_indicator_plan_id_code"),
    )
    op.create_table(
        "plan_movement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_plan_movement_plan_id_plan"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_movement"),
        sa.UniqueConstraint("plan_id", "year", name="uq_plan_movement_plan_id_year"),
    )
    op.create_table(
        "plan_review",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("balance", JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name="fk_plan_review_consultation_id_consultation",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_plan_review_plan_id_plan"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_review"),
        sa.UniqueConstraint("consultation_id", name="uq_plan_review_consultation_id"),
    )
    op.create_index("ix_plan_review_plan_id", "plan_review", ["plan_id"])
    op.create_table(
        "action_indicator",
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.Column("indicator_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name="fk_action_indicator_action_id_action", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name="fk_action_indicator_indicator_id_indicator", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("action_id", "indicator_id", name="pk_action_indicator"),
    )
    op.create_index("ix_action_indicator_indicator_id", "action_indicator", ["indicator_id"])
    op.create_table(
        "action_news",
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.Column("occasion", sa.String(24), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_action_news_action_id_action"),
        sa.PrimaryKeyConstraint("action_id", "occasion", "due_on", name="pk_action_news"),
    )
    op.create_table(
        "action_notice",
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.Column("occasion", sa.String(24), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("argument_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_action_notice_action_id_action"),
        sa.ForeignKeyConstraint(["argument_id"], ["argument.id"], name="fk_action_notice_argument_id_argument"),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name="fk_action_notice_submission_id_submission"),
        sa.PrimaryKeyConstraint("action_id", "occasion", "recipient", name="pk_action_notice"),
    )
    op.create_table(
        "action_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.String(24), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("progress", sa.String(24), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("links", JSONB(), nullable=False),
        sa.Column("interests", sa.Text(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(side = 'civil_society') = (organisation_id IS NOT NULL)", name="ck_action_report_of_its_side"
        ),
        sa.CheckConstraint("(state = 'withheld') = (reason IS NOT NULL)", name="ck_action_report_withheld_with_reason"),
        sa.CheckConstraint(
            "progress <> 'done' OR jsonb_array_length(links) > 0", name="ck_action_report_done_with_evidence"
        ),
        sa.CheckConstraint("progress <> 'dropped' OR words <> ''", name="ck_action_report_dropped_with_reasons"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_action_report_account_id_account"),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_action_report_action_id_action"),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name="fk_action_report_decided_by_account"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_action_report_organisation_id_organisation"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_action_report"),
    )
    op.create_index("ix_action_report_action", "action_report", ["action_id", "id"])
    op.create_index("ix_action_report_waiting", "action_report", ["id"], postgresql_where=sa.text("state = 'waiting'"))
    op.create_table(
        "action_watch",
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_action_watch_account_id_account", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name="fk_action_watch_action_id_action", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("action_id", "account_id", name="pk_action_watch"),
    )
    op.create_index("ix_action_watch_account_id", "action_watch", ["account_id"])
    op.create_table(
        "indicator_import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("indicator_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("metadata_file", sa.LargeBinary(), nullable=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("choices", JSONB(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("replaced_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_indicator_import_account_id_account"),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name="fk_indicator_import_indicator_id_indicator"),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["indicator_import.id"], name="fk_indicator_import_replaced_by_id_indicator_import"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_indicator_import"),
    )
    op.create_index("ix_indicator_import_indicator", "indicator_import", ["indicator_id", "id"])
    op.create_table(
        "milestone",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_milestone_action_id_action"),
        sa.PrimaryKeyConstraint("id", name="pk_milestone"),
    )
    op.create_index("ix_milestone_action_id", "milestone", ["action_id"])
    op.create_table(
        "response_action",
        sa.Column("response_id", sa.BigInteger(), nullable=False),
        sa.Column("action_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_response_action_action_id_action"),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name="fk_response_action_response_id_response"),
        sa.PrimaryKeyConstraint("response_id", name="pk_response_action"),
    )
    op.create_index("ix_response_action_action_id", "response_action", ["action_id"])
    op.create_table(
        "observation",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("column", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("breakdown", JSONB(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("flag", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["indicator_import.id"], name="fk_observation_import_id_indicator_import"
        ),
        sa.PrimaryKeyConstraint("import_id", "line", "column", name="pk_observation"),
    )
    op.add_column("response", sa.Column("text_suffices", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("response_former", sa.Column("text_suffices", sa.Boolean(), server_default="false", nullable=False))
    for statement in (_KEPT, _SERIES, *_TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("response_former", "text_suffices")
    op.drop_column("response", "text_suffices")
    op.drop_table("observation")
    op.drop_table("response_action")
    op.drop_table("milestone")
    op.drop_table("indicator_import")
    op.drop_table("action_watch")
    op.drop_table("action_report")
    op.drop_table("action_notice")
    op.drop_table("action_news")
    op.drop_table("action_indicator")
    op.drop_table("plan_review")
    op.drop_table("plan_movement")
    op.drop_table("indicator")
    op.drop_table("action")
    op.drop_table("plan")
    op.execute("DROP FUNCTION reports_of_actions_stay()")
    op.execute("DROP FUNCTION observations_stay()")
