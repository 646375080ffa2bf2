"""Appeals, reports, rules that hold, versions of the policy, and counts of what was decided."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_DECIDED = "kind IN ('submission.published', 'submission.returned', 'submission.withheld')"
_LOGGED = (
    "kind IN ('submission.amended', 'submission.published', 'submission.returned', 'submission.withheld',"
    " 'submission.withdrawn', 'submission.erased', 'submission.covered', 'appeal.filed', 'appeal.upheld',"
    " 'appeal.overturned', 'appeal.lapsed', 'report.filed', 'report.answered')"
)


def upgrade() -> None:
    op.execute("INSERT INTO reason (code, name, meaning, position) VALUES ('not_theirs', '', '', 8)")
    op.create_table(
        "process_count",
        sa.Column("consultation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "consultation_id", "what", "queue", "reason", "language", "stance", name=op.f("pk_process_count")
        ),
    )
    op.create_table(
        "process_time",
        sa.Column("consultation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "step", name=op.f("pk_process_time")),
    )
    op.create_table(
        "policy_version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("appeal_days", sa.Integer(), nullable=False),
        sa.Column("promise_days", sa.Integer(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_policy_version_account_id_account")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_policy_version")),
    )
    op.create_table(
        "hold_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Enum("words", "pattern", name="rulekind", native_enum=False, length=24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_hold_rule_account_id_account")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_hold_rule_consultation_id_consultation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold_rule")),
    )
    op.create_index(
        "ix_hold_rule_in_use",
        "hold_rule",
        ["consultation_id"],
        unique=False,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=True),
        sa.Column("evidence_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "details",
                "person",
                "hate",
                "illegal",
                "not_mine",
                "other",
                name="reportkind",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "checked",
            sa.Enum("asked", "mine", "not_mine", "no_address", name="checked", native_enum=False, length=24),
            nullable=True,
        ),
        sa.Column(
            "outcome",
            sa.Enum("kept", "hidden", "withheld", "lapsed", name="reportoutcome", native_enum=False, length=24),
            nullable=True,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moderator_id", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_report_comment_id_comment"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_report_evidence_id_evidence"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["moderator_id"], ["account.id"], name=op.f("fk_report_moderator_id_account")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_report_submission_id_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("key", name=op.f("uq_report_key")),
    )
    op.create_index(op.f("ix_report_comment_id"), "report", ["comment_id"], unique=False)
    op.create_index(op.f("ix_report_evidence_id"), "report", ["evidence_id"], unique=False)
    op.create_index(
        "ix_report_open", "report", ["received_at", "id"], unique=False, postgresql_where=sa.text("outcome IS NULL")
    )
    op.create_index("ix_report_submission", "report", ["submission_id", "id"], unique=False)
    op.create_table(
        "appeal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("upheld", "overturned", "lapsed", name="appealoutcome", native_enum=False, length=24),
            nullable=True,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moderator_id", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("result_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_appeal_decision_id_decision")),
        sa.ForeignKeyConstraint(["moderator_id"], ["account.id"], name=op.f("fk_appeal_moderator_id_account")),
        sa.ForeignKeyConstraint(["result_id"], ["decision.id"], name=op.f("fk_appeal_result_id_decision")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_appeal_submission_id_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_appeal_decision_id")),
    )
    op.create_index(
        "ix_appeal_open", "appeal", ["received_at", "id"], unique=False, postgresql_where=sa.text("outcome IS NULL")
    )
    op.create_index("ix_appeal_submission", "appeal", ["submission_id", "id"], unique=False)
    op.add_column("decision", sa.Column("policy", sa.Integer(), server_default="1", nullable=False))
    op.add_column(
        "decision",
        sa.Column(
            "queue",
            sa.Enum(
                "new",
                "held",
                "same",
                "files",
                "second",
                "appeals",
                "reported",
                "returned",
                "aside",
                name="queue",
                native_enum=False,
                length=24,
            ),
            nullable=True,
        ),
    )
    op.drop_index(
        op.f("ix_ledger_decided"),
        table_name="ledger",
        postgresql_where=_DECIDED,
    )
    op.create_index(
        "ix_ledger_logged",
        "ledger",
        ["number"],
        unique=False,
        postgresql_where=_LOGGED,
    )


def downgrade() -> None:
    op.execute("UPDATE decision SET reason = 'unclear' WHERE reason = 'not_theirs'")
    op.execute("UPDATE batch SET reason = 'unclear' WHERE reason = 'not_theirs'")
    op.execute("DELETE FROM reason WHERE code = 'not_theirs'")
    op.drop_index(
        "ix_ledger_logged",
        table_name="ledger",
        postgresql_where=_LOGGED,
    )
    op.create_index(
        op.f("ix_ledger_decided"),
        "ledger",
        ["number"],
        unique=False,
        postgresql_where=_DECIDED,
    )
    op.drop_column("decision", "queue")
    op.drop_column("decision", "policy")
    op.drop_index("ix_appeal_submission", table_name="appeal")
    op.drop_index("ix_appeal_open", table_name="appeal", postgresql_where=sa.text("outcome IS NULL"))
    op.drop_table("appeal")
    op.drop_index("ix_report_submission", table_name="report")
    op.drop_index("ix_report_open", table_name="report", postgresql_where=sa.text("outcome IS NULL"))
    op.drop_index(op.f("ix_report_evidence_id"), table_name="report")
    op.drop_index(op.f("ix_report_comment_id"), table_name="report")
    op.drop_table("report")
    op.drop_index("ix_hold_rule_in_use", table_name="hold_rule", postgresql_where=sa.text("retired_at IS NULL"))
    op.drop_table("hold_rule")
    op.drop_table("policy_version")
    op.drop_table("process_time")
    op.drop_table("process_count")
