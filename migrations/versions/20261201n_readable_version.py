"""A view of the versions of drafts, for SQL statements that need the version of a provision."""

from __future__ import annotations

from alembic import op

revision = "20261201n_readable_version"
down_revision = "20261201m_own_sides"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE VIEW readable_version AS SELECT version.id, version.document_id, version.number, version.published_at "
        "FROM version"
    )


def downgrade() -> None:
    op.execute("DROP VIEW readable_version")
