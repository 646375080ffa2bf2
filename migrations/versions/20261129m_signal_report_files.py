"""Files that authors add to reports of early warning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261129m_signal_report_files"
down_revision = "20261129l_units_by_language"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signal_report_file",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.BigInteger()),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("taken_away_on", sa.Date()),
        sa.Column("taken_away_for", sa.Text(), nullable=False, server_default=""),
        sa.Column("taken_away_by", sa.BigInteger()),
        sa.CheckConstraint("position BETWEEN 1 AND 5", name=op.f("ck_signal_report_file_few_files")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["signal_report.id"], name="fk_signal_report_file_report_id_signal_report"
        ),
        sa.CheckConstraint(
            "(file_id IS NULL) = (taken_away_on IS NOT NULL)", name=op.f("ck_signal_report_file_there_or_taken_away")
        ),
        sa.ForeignKeyConstraint(["taken_away_by"], ["account.id"], name="fk_signal_report_file_taken_away_by_account"),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name="fk_signal_report_file_file_id_stored_file"),
        sa.PrimaryKeyConstraint("report_id", "position", name="pk_signal_report_file"),
        sa.UniqueConstraint("file_id", name="uq_signal_report_file_file_id"),
        sa.UniqueConstraint("report_id", "mark", name="uq_signal_report_file_report_id_mark"),
    )


def downgrade() -> None:
    """Drop the links to files. The scheduler deletes files without a link after a day."""
    op.drop_table("signal_report_file")
