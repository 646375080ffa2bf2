"""Times of published submissions that clients of regulations.gov page by, and files uploaded by key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261203j_posted_submissions"
down_revision = "20261203i_offices"
branch_labels = None
depends_on = None
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "posted_submission",
        sa.Column("submission_id", sa.BigInteger(), sa.ForeignKey("submission.id", ondelete="CASCADE"), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", _TIME, nullable=False),
        sa.Column("modified_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("submission_id"),
    )
    for column in ("modified", "posted"):
        name = f"ix_posted_submission_{column}"
        op.create_index(name, "posted_submission", ["consultation_id", f"{column}_at", "submission_id"])
    op.create_table(
        "keyed_upload",
        sa.Column("key", sa.LargeBinary(), primary_key=True),
        sa.Column("file_id", sa.BigInteger(), sa.ForeignKey("stored_file.id", ondelete="CASCADE"), nullable=False),
    )
    op.create_index("ix_keyed_upload_file_id", "keyed_upload", ["file_id"])


def downgrade() -> None:
    op.drop_table("keyed_upload")
    op.drop_table("posted_submission")
