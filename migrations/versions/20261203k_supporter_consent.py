"""Consents of supporters whose submissions an organisation sends, and the permission of organisations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261203k_supporter_consent"
down_revision = "20261203j_posted_submissions"
branch_labels = None
depends_on = None
_VIEW = (
    "CREATE VIEW readable_supporter_consent AS "
    "SELECT supporter_consent.submission_id, supporter_consent.organisation_id FROM supporter_consent"
)


def upgrade() -> None:
    flag = sa.Column("files_for_others", sa.Boolean(), nullable=False, server_default="false")
    op.add_column("organisation", flag)
    op.create_table(
        "supporter_consent",
        sa.Column("submission_id", sa.BigInteger(), sa.ForeignKey("submission.id", ondelete="CASCADE"), nullable=False),
        sa.Column(
            "organisation_id", sa.BigInteger(), sa.ForeignKey("organisation.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("salt", sa.LargeBinary()),
        sa.Column("sealed", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("submission_id"),
    )
    op.create_index("ix_supporter_consent_organisation_id", "supporter_consent", ["organisation_id"])
    op.execute(_VIEW)


def downgrade() -> None:
    op.execute("DROP VIEW readable_supporter_consent")
    op.drop_table("supporter_consent")
    op.drop_column("organisation", "files_for_others")
