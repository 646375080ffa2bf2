"""queues and batches"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


REASONS = ("personal_details", "third_person", "hate", "off_topic", "repeated", "illegal", "unclear")


def upgrade() -> None:
    reason = op.create_table(
        "reason",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_reason")),
    )
    op.bulk_insert(
        reason,
        [{"code": code, "name": "", "meaning": "", "position": n} for n, code in enumerate(REASONS, start=1)],
    )
    op.create_table(
        "waiting_cursor",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_cursor")),
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_saved_filter_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_saved_filter_account_id_name")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("publish", "return", "withhold", name="outcome", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("internal_note", sa.Text(), nullable=False),
        sa.Column("redactions", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("moderator_id", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "progress",
            sa.Enum(
                "second_reader",
                "due",
                "running",
                "done",
                "refused",
                "taken_back",
                name="progress",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("second_id", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_batch_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["moderator_id"], ["account.id"], name=op.f("fk_batch_moderator_id_account")),
        sa.ForeignKeyConstraint(["reason"], ["reason.code"], name=op.f("fk_batch_reason_reason")),
        sa.ForeignKeyConstraint(["second_id"], ["account.id"], name=op.f("fk_batch_second_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_campaign_id"), "batch", ["campaign_id"], unique=False)
    op.create_index(
        "ix_batch_open",
        "batch",
        ["progress", "id"],
        unique=False,
        postgresql_where="progress IN ('second_reader', 'due', 'running')",
    )
    op.create_table(
        "waiting",
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "queue",
            sa.Enum(
                "new",
                "held",
                "same",
                "files",
                "second",
                "appeals",
                "returned",
                "aside",
                name="queue",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "home",
            sa.Enum(
                "new",
                "held",
                "same",
                "files",
                "second",
                "appeals",
                "returned",
                "aside",
                name="queue",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("turn", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("stances", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("comments", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("found", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("claimed_by", sa.BigInteger(), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["claimed_by"], ["account.id"], name=op.f("fk_waiting_claimed_by_account")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_waiting_submission_id_submission")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_waiting")),
    )
    op.create_index(
        "ix_waiting_consultation", "waiting", ["consultation_id", "queue", "turn", "submission_id"], unique=False
    )
    op.create_index("ix_waiting_received", "waiting", ["queue", "received_at"], unique=False)
    op.create_index("ix_waiting_text", "waiting", ["consultation_id", "text_hash"], unique=False)
    op.create_index("ix_waiting_turn", "waiting", ["queue", "turn", "submission_id"], unique=False)
    op.create_table(
        "batch_item",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "result", sa.Enum("decided", "changed", "own", name="result", native_enum=False, length=24), nullable=True
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_item_batch_id_batch")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_batch_item_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("batch_id", "submission_id", name=op.f("pk_batch_item")),
    )
    op.create_index(
        "ix_batch_item_open",
        "batch_item",
        ["batch_id", "submission_id"],
        unique=False,
        postgresql_where="result IS NULL",
    )
    op.create_table(
        "letter_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_letter_decision_batch_id_batch")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_letter_decision_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_decision")),
    )
    op.create_index(
        "uq_letter_decision_stands",
        "letter_decision",
        ["campaign_id"],
        unique=True,
        postgresql_where="ended_at IS NULL",
    )
    op.add_column("decision", sa.Column("second_id", sa.BigInteger(), nullable=True))
    op.add_column("decision", sa.Column("batch_id", sa.BigInteger(), nullable=True))
    op.add_column("decision", sa.Column("internal_note", sa.Text(), server_default="", nullable=False))
    op.add_column("decision", sa.Column("redactions", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("decision", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "decision",
        sa.Column(
            "ended",
            sa.Enum("took_effect", "taken_back", "overtaken", name="ended", native_enum=False, length=24),
            nullable=True,
        ),
    )
    op.add_column("decision", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE decision SET ended = 'took_effect', ended_at = at")
    op.alter_column("decision", "reason", existing_type=sa.VARCHAR(length=24), type_=sa.Text(), existing_nullable=True)
    op.create_index(op.f("ix_decision_batch_id"), "decision", ["batch_id"], unique=False)
    op.create_index("ix_decision_due", "decision", ["due_at"], unique=False, postgresql_where="ended IS NULL")
    op.create_index("ix_decision_moderator", "decision", ["moderator_id", "id"], unique=False)
    op.create_index("uq_decision_open", "decision", ["submission_id"], unique=True, postgresql_where="ended IS NULL")
    op.create_foreign_key(op.f("fk_decision_second_id_account"), "decision", "account", ["second_id"], ["id"])
    op.create_foreign_key(op.f("fk_decision_reason_reason"), "decision", "reason", ["reason"], ["code"])
    op.create_foreign_key(op.f("fk_decision_batch_id_batch"), "decision", "batch", ["batch_id"], ["id"])


def downgrade() -> None:
    op.execute("DELETE FROM decision WHERE ended IS DISTINCT FROM 'took_effect'")
    op.drop_constraint(op.f("fk_decision_batch_id_batch"), "decision", type_="foreignkey")
    op.drop_constraint(op.f("fk_decision_reason_reason"), "decision", type_="foreignkey")
    op.drop_constraint(op.f("fk_decision_second_id_account"), "decision", type_="foreignkey")
    op.drop_index("uq_decision_open", table_name="decision", postgresql_where="ended IS NULL")
    op.drop_index("ix_decision_moderator", table_name="decision")
    op.drop_index("ix_decision_due", table_name="decision", postgresql_where="ended IS NULL")
    op.drop_index(op.f("ix_decision_batch_id"), table_name="decision")
    op.alter_column(
        "decision",
        "reason",
        existing_type=sa.Text(),
        type_=sa.VARCHAR(length=24),
        existing_nullable=True,
        postgresql_using="left(reason, 24)",
    )
    op.drop_column("decision", "ended_at")
    op.drop_column("decision", "ended")
    op.drop_column("decision", "due_at")
    op.drop_column("decision", "redactions")
    op.drop_column("decision", "internal_note")
    op.drop_column("decision", "batch_id")
    op.drop_column("decision", "second_id")
    op.drop_index("uq_letter_decision_stands", table_name="letter_decision", postgresql_where="ended_at IS NULL")
    op.drop_table("letter_decision")
    op.drop_index("ix_batch_item_open", table_name="batch_item", postgresql_where="result IS NULL")
    op.drop_table("batch_item")
    op.drop_index("ix_waiting_turn", table_name="waiting")
    op.drop_index("ix_waiting_text", table_name="waiting")
    op.drop_index("ix_waiting_received", table_name="waiting")
    op.drop_index("ix_waiting_consultation", table_name="waiting")
    op.drop_table("waiting")
    op.drop_index(
        "ix_batch_open", table_name="batch", postgresql_where="progress IN ('second_reader', 'due', 'running')"
    )
    op.drop_index(op.f("ix_batch_campaign_id"), table_name="batch")
    op.drop_table("batch")
    op.drop_table("saved_filter")
    op.drop_table("waiting_cursor")
    op.drop_table("reason")
