"""first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column(
            "role",
            sa.Enum("contributor", "moderator", "policymaker", "admin", name="role", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email_index", name=op.f("uq_account_email_index")),
    )
    op.create_table(
        "analysis_cursor",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("published_individually", sa.Integer(), nullable=False),
        sa.Column("published_in_campaigns", sa.Integer(), nullable=False),
        sa.Column("withheld", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.Column("erased", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("campaigns", sa.Integer(), nullable=False),
        sa.Column("organisations", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", name=op.f("pk_analysis_cursor")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_email_index"), "contact", ["email_index"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("commitment", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint("number", name=op.f("uq_ledger_number")),
    )
    op.create_index("ix_ledger_consultation_number", "ledger", ["consultation_id", "number"], unique=False)
    op.create_index(
        "ix_ledger_decided",
        "ledger",
        ["number"],
        unique=False,
        postgresql_where="kind IN ('submission.published', 'submission.returned', 'submission.withheld')",
    )
    op.create_index("ix_ledger_subject", "ledger", ["subject_id", "kind"], unique=False)
    op.create_index("ix_ledger_unnumbered", "ledger", ["id"], unique=False, postgresql_where="number IS NULL")
    op.create_table(
        "letter_content",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("built", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_content")),
        sa.UniqueConstraint("key", name=op.f("uq_letter_content_key")),
    )
    op.create_table(
        "mail_reconciliation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("built", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("dead", sa.Integer(), nullable=False),
        sa.Column("suppressed", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("unreachable", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_reconciliation")),
    )
    op.create_table(
        "mail_suppression",
        sa.Column("index", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_mail_suppression")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ngo",
                "community",
                "network",
                "academic",
                "health_service",
                "growers",
                "faith",
                "professional",
                "law_enforcement",
                "youth",
                name="organisationkind",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_table(
        "organisation_count",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "organisation", name=op.f("pk_organisation_count")),
    )
    op.create_table(
        "place_count",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "place", "stance", name=op.f("pk_place_count")),
    )
    op.create_table(
        "tally",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("provision_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "stance",
            sa.Enum("support", "concern", "wording", "evidence", name="stance", native_enum=False, length=24),
            nullable=True,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "returned",
                "published",
                "withheld",
                "withdrawn",
                "erased",
                name="state",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tally")),
    )
    op.create_index("ix_tally_consultation", "tally", ["consultation_id", "provision_id"], unique=False)
    op.create_table(
        "text_group",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("first_number", sa.BigInteger(), nullable=False),
        sa.Column("campaign_number", sa.BigInteger(), nullable=True),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", "text_hash", name=op.f("pk_text_group")),
    )
    op.create_index(
        "ix_text_group_campaigns",
        "text_group",
        ["consultation_id", "campaign_number"],
        unique=False,
        postgresql_where="campaign_number > 0",
    )
    op.create_index("ix_text_group_first", "text_group", ["consultation_id", "first_number"], unique=False)
    op.create_table(
        "letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("content_id", sa.BigInteger(), nullable=True),
        sa.Column("to_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("to_index", sa.LargeBinary(), nullable=False),
        sa.Column("fields_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "sending",
                "uncertain",
                "sent",
                "failed",
                "dead",
                "suppressed",
                name="state",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["content_id"], ["letter_content.id"], name=op.f("fk_letter_content_id_letter_content")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("key", name=op.f("uq_letter_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letter_message_id")),
    )
    op.create_index(op.f("ix_letter_content_id"), "letter", ["content_id"], unique=False)
    op.create_index(
        "ix_letter_due",
        "letter",
        ["next_at", "id"],
        unique=False,
        postgresql_where="state IN ('pending','sending','uncertain')",
    )
    op.create_table(
        "link_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("verify", "sign_in", "reset", "invite", name="purpose", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "role",
            sa.Enum("contributor", "moderator", "policymaker", "admin", name="role", native_enum=False, length=24),
            nullable=True,
        ),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_link_token_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_link_token_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_link_token_hash")),
    )
    op.create_index(op.f("ix_link_token_account_id"), "link_token", ["account_id"], unique=False)
    op.create_index(op.f("ix_link_token_organisation_id"), "link_token", ["organisation_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_membership_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_membership_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("organisation_id", "account_id", name=op.f("uq_membership_organisation_id_account_id")),
    )
    op.create_index(op.f("ix_membership_account_id"), "membership", ["account_id"], unique=False)
    op.create_table(
        "version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_version_document_id_document"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.UniqueConstraint("document_id", "number", name=op.f("uq_version_document_id_number")),
    )
    op.create_table(
        "consultation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("tags", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column(
            "phase",
            sa.Enum("draft", "upcoming", "open", "closed", name="phase", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_consultation_opens_before_it_closes")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_consultation_document_id_document")),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_consultation_owner_id_account")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_consultation_version_id_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint("document_id", name=op.f("uq_consultation_document_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_consultation_slug")),
    )
    op.create_index(
        "ix_consultation_closing",
        "consultation",
        ["closes_at", "id"],
        unique=False,
        postgresql_where="phase <> 'draft'",
    )
    op.create_index(
        "ix_consultation_opening", "consultation", ["opens_at", "id"], unique=False, postgresql_where="phase <> 'draft'"
    )
    op.create_index("ix_consultation_owner", "consultation", ["owner_id", "id"], unique=False)
    op.create_table(
        "provision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("wid", sa.Text(), nullable=False),
        sa.Column("eid", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("chapter", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "part", "chapter", "section", "paragraph", "point", name="provisionkind", native_enum=False, length=24
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["provision.id"], name=op.f("fk_provision_parent_id_provision"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_provision_version_id_version"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provision")),
        sa.UniqueConstraint("version_id", "eid", name=op.f("uq_provision_version_id_eid")),
        sa.UniqueConstraint("version_id", "wid", name=op.f("uq_provision_version_id_wid")),
    )
    op.create_index("ix_provision_chapter", "provision", ["version_id", "chapter", "position"], unique=False)
    op.create_index("ix_provision_number", "provision", ["version_id", "number"], unique=False)
    op.create_table(
        "digest",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "cadence",
            sa.Enum("daily", "weekly", "closing", name="cadence", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("slot_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("empty", sa.Boolean(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("compiled_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("since <= until", name=op.f("ck_digest_window")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_digest_consultation_id_consultation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint(
            "consultation_id", "cadence", "slot_at", name=op.f("uq_digest_consultation_id_cadence_slot_at")
        ),
    )
    op.create_index(
        "uq_digest_window",
        "digest",
        ["consultation_id", "cadence", "since"],
        unique=True,
        postgresql_where="since < until",
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_draft_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_draft_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("consultation_id", "account_id", name=op.f("uq_draft_consultation_id_account_id")),
        sa.UniqueConstraint("token", name=op.f("uq_draft_token")),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_question_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index("ix_question_order", "question", ["consultation_id", "position"], unique=False)
    op.create_table(
        "submission",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "returned",
                "published",
                "withheld",
                "withdrawn",
                "erased",
                name="state",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.LargeBinary(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("organisation_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "submitter_kind",
            sa.Enum("organisation", "person", "unnamed", name="submitterkind", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column(
            "name_rule",
            sa.Enum("organisation", "own", "none", name="namerule", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("organisation_name", sa.Text(), nullable=True),
        sa.Column("person_name", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("author_key", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "name_rule <> 'organisation' OR organisation_name IS NOT NULL",
            name=op.f("ck_submission_organisation_is_named"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_submission_account_id_account")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_submission_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_submission_contact_id_contact")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_submission_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_submission_version_id_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("author_key", name=op.f("uq_submission_author_key")),
        sa.UniqueConstraint(
            "consultation_id", "source", "source_id", name=op.f("uq_submission_consultation_id_source_source_id")
        ),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_submission_idempotency_key")),
        sa.UniqueConstraint("reference", name=op.f("uq_submission_reference")),
    )
    op.create_index(op.f("ix_submission_account_id"), "submission", ["account_id"], unique=False)
    op.create_index("ix_submission_consultation_state", "submission", ["consultation_id", "state", "id"], unique=False)
    op.create_index(op.f("ix_submission_organisation_id"), "submission", ["organisation_id"], unique=False)
    op.create_index("ix_submission_queue", "submission", ["state", "received_at", "id"], unique=False)
    op.create_index("ix_submission_text", "submission", ["consultation_id", "text_hash"], unique=False)
    op.create_index(
        "ix_submission_voices",
        "submission",
        ["consultation_id", "organisation_id"],
        unique=False,
        postgresql_where="state = 'published' AND submitter_kind = 'organisation'",
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "cadence",
            sa.Enum("daily", "weekly", "closing", name="cadence", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column(
            "next_cadence",
            sa.Enum("daily", "weekly", "closing", name="cadence", native_enum=False, length=24),
            nullable=True,
        ),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_subscription_account_id_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_subscription_consultation_id_consultation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("account_id", "consultation_id", name=op.f("uq_subscription_account_id_consultation_id")),
    )
    op.create_index(
        "ix_subscription_live",
        "subscription",
        ["consultation_id", "cadence"],
        unique=False,
        postgresql_where="ended_at IS NULL",
    )
    op.create_table(
        "analysis_counted",
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "returned",
                "published",
                "withheld",
                "withdrawn",
                "erased",
                name="state",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("places", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_analysis_counted_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_analysis_counted")),
    )
    op.create_index(
        "ix_analysis_counted_organisation",
        "analysis_counted",
        ["consultation_id", "organisation"],
        unique=False,
        postgresql_where="organisation IS NOT NULL",
    )
    op.create_index(
        "ix_analysis_counted_text", "analysis_counted", ["consultation_id", "text_hash", "submission_id"], unique=False
    )
    op.create_table(
        "comment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("provision_id", sa.BigInteger(), nullable=True),
        sa.Column("question_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "stance",
            sa.Enum("support", "concern", "wording", "evidence", name="stance", native_enum=False, length=24),
            nullable=True,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.CheckConstraint("provision_id IS NULL OR question_id IS NULL", name=op.f("ck_comment_one_place")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_comment_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["provision_id"], ["provision.id"], name=op.f("fk_comment_provision_id_provision")),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_comment_question_id_question")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_comment_submission_id_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    op.create_index(
        "ix_comment_answers",
        "comment",
        ["question_id", "id"],
        unique=False,
        postgresql_where="shown AND question_id IS NOT NULL",
    )
    op.create_index(
        "ix_comment_listed", "comment", ["consultation_id", "stance", "id"], unique=False, postgresql_where="shown"
    )
    op.create_index("ix_comment_shown", "comment", ["provision_id", "id"], unique=False, postgresql_where="shown")
    op.create_index(
        "ix_comment_stance", "comment", ["provision_id", "stance", "id"], unique=False, postgresql_where="shown"
    )
    op.create_index("ix_comment_submission", "comment", ["submission_id", "position"], unique=False)
    op.create_index(
        "ix_comment_whole",
        "comment",
        ["consultation_id", "id"],
        unique=False,
        postgresql_where="shown AND provision_id IS NULL AND question_id IS NULL",
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("moderator_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("publish", "return", "withhold", name="outcome", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "personal_details",
                "third_person",
                "hate",
                "off_topic",
                "repeated",
                "illegal",
                "unclear",
                name="reason",
                native_enum=False,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome = 'publish' OR reason IS NOT NULL", name=op.f("ck_decision_reason_unless_published")
        ),
        sa.ForeignKeyConstraint(["moderator_id"], ["account.id"], name=op.f("fk_decision_moderator_id_account")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_decision_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_submission", "decision", ["submission_id", "id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("digest_id", sa.BigInteger(), nullable=False),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("letter_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name=op.f("fk_delivery_digest_id_digest")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_delivery_letter_id_letter")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.id"], name=op.f("fk_delivery_subscription_id_subscription")
        ),
        sa.PrimaryKeyConstraint("digest_id", "subscription_id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("letter_id", name=op.f("uq_delivery_letter_id")),
    )
    op.create_index("ix_delivery_subscription", "delivery", ["subscription_id", "digest_id"], unique=False)
    op.execute(
        """
        CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND OLD.number IS NULL AND NEW.number IS NOT NULL
                AND to_jsonb(OLD) - 'number' = to_jsonb(NEW) - 'number' THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'the ledger is append-only';
        END $$;
        CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON ledger
            FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
        """
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_subscription", table_name="delivery")
    op.drop_table("delivery")
    op.drop_index("ix_decision_submission", table_name="decision")
    op.drop_table("decision")
    op.drop_index(
        "ix_comment_whole",
        table_name="comment",
        postgresql_where="shown AND provision_id IS NULL AND question_id IS NULL",
    )
    op.drop_index("ix_comment_submission", table_name="comment")
    op.drop_index("ix_comment_stance", table_name="comment", postgresql_where="shown")
    op.drop_index("ix_comment_shown", table_name="comment", postgresql_where="shown")
    op.drop_index("ix_comment_listed", table_name="comment", postgresql_where="shown")
    op.drop_index("ix_comment_answers", table_name="comment", postgresql_where="shown AND question_id IS NOT NULL")
    op.drop_table("comment")
    op.drop_index("ix_analysis_counted_text", table_name="analysis_counted")
    op.drop_index(
        "ix_analysis_counted_organisation", table_name="analysis_counted", postgresql_where="organisation IS NOT NULL"
    )
    op.drop_table("analysis_counted")
    op.drop_index("ix_subscription_live", table_name="subscription", postgresql_where="ended_at IS NULL")
    op.drop_table("subscription")
    op.drop_index(
        "ix_submission_voices",
        table_name="submission",
        postgresql_where="state = 'published' AND submitter_kind = 'organisation'",
    )
    op.drop_index("ix_submission_text", table_name="submission")
    op.drop_index("ix_submission_queue", table_name="submission")
    op.drop_index(op.f("ix_submission_organisation_id"), table_name="submission")
    op.drop_index("ix_submission_consultation_state", table_name="submission")
    op.drop_index(op.f("ix_submission_account_id"), table_name="submission")
    op.drop_table("submission")
    op.drop_index("ix_question_order", table_name="question")
    op.drop_table("question")
    op.drop_table("draft")
    op.drop_index("uq_digest_window", table_name="digest", postgresql_where="since < until")
    op.drop_table("digest")
    op.drop_index("ix_provision_number", table_name="provision")
    op.drop_index("ix_provision_chapter", table_name="provision")
    op.drop_table("provision")
    op.drop_index("ix_consultation_owner", table_name="consultation")
    op.drop_index("ix_consultation_opening", table_name="consultation", postgresql_where="phase <> 'draft'")
    op.drop_index("ix_consultation_closing", table_name="consultation", postgresql_where="phase <> 'draft'")
    op.drop_table("consultation")
    op.drop_table("version")
    op.drop_index(op.f("ix_membership_account_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_index(op.f("ix_link_token_organisation_id"), table_name="link_token")
    op.drop_index(op.f("ix_link_token_account_id"), table_name="link_token")
    op.drop_table("link_token")
    op.drop_index("ix_letter_due", table_name="letter", postgresql_where="state IN ('pending','sending','uncertain')")
    op.drop_index(op.f("ix_letter_content_id"), table_name="letter")
    op.drop_table("letter")
    op.drop_index("ix_text_group_first", table_name="text_group")
    op.drop_index("ix_text_group_campaigns", table_name="text_group", postgresql_where="campaign_number > 0")
    op.drop_table("text_group")
    op.drop_index("ix_tally_consultation", table_name="tally")
    op.drop_table("tally")
    op.drop_table("place_count")
    op.drop_table("organisation_count")
    op.drop_table("organisation")
    op.drop_table("mail_suppression")
    op.drop_table("mail_reconciliation")
    op.drop_table("letter_content")
    op.drop_index("ix_ledger_unnumbered", table_name="ledger", postgresql_where="number IS NULL")
    op.drop_index("ix_ledger_subject", table_name="ledger")
    op.drop_index(
        "ix_ledger_decided",
        table_name="ledger",
        postgresql_where="kind IN ('submission.published', 'submission.returned', 'submission.withheld')",
    )
    op.drop_index("ix_ledger_consultation_number", table_name="ledger")
    op.drop_table("ledger")
    op.drop_table("heartbeat")
    op.drop_table("document")
    op.drop_index(op.f("ix_contact_email_index"), table_name="contact")
    op.drop_table("contact")
    op.drop_table("analysis_cursor")
    op.drop_table("account")
    op.execute("DROP FUNCTION ledger_is_append_only()")
