"""who speaks: signatories, proofs, shared drafts and co-signatures"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cosignature",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_cosignature_account_id_account"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_cosignature_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_cosignature_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosignature")),
        sa.UniqueConstraint(
            "submission_id", "organisation_id", name=op.f("uq_cosignature_submission_id_organisation_id")
        ),
    )
    op.create_index(op.f("ix_cosignature_organisation_id"), "cosignature", ["organisation_id"], unique=False)
    op.add_column("draft", sa.Column("organisation_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_draft_organisation_id"), "draft", ["organisation_id"], unique=False)
    op.create_unique_constraint(
        op.f("uq_draft_consultation_id_organisation_id"), "draft", ["consultation_id", "organisation_id"]
    )
    op.create_foreign_key(
        op.f("fk_draft_organisation_id_organisation"),
        "draft",
        "organisation",
        ["organisation_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.add_column("membership", sa.Column("signatory", sa.Boolean(), server_default="true", nullable=False))
    op.add_column("organisation", sa.Column("registry_number", sa.Text(), nullable=True))
    op.add_column("organisation", sa.Column("proven_domain", sa.Text(), nullable=True))
    op.add_column("organisation", sa.Column("proven_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("organisation", "proven_at")
    op.drop_column("organisation", "proven_domain")
    op.drop_column("organisation", "registry_number")
    op.drop_column("membership", "signatory")
    op.drop_constraint(op.f("fk_draft_organisation_id_organisation"), "draft", type_="foreignkey")
    op.drop_constraint(op.f("uq_draft_consultation_id_organisation_id"), "draft", type_="unique")
    op.drop_index(op.f("ix_draft_organisation_id"), table_name="draft")
    op.drop_column("draft", "organisation_id")
    op.drop_index(op.f("ix_cosignature_organisation_id"), table_name="cosignature")
    op.drop_table("cosignature")
