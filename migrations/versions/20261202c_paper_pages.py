"""Positions in the text of a PDF at which pages begin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261202c_paper_pages"
down_revision = "20261201w_requests"
branch_labels = None
depends_on = None

_FILE = """VIEW readable_stored_file AS SELECT stored_file.id, stored_file.state, stored_file.checked_at,
    stored_file.text{more} FROM stored_file"""


def upgrade() -> None:
    op.add_column("stored_file", sa.Column("page_starts", JSONB()))
    op.execute(f"CREATE OR REPLACE {_FILE.format(more=', stored_file.page_starts')}")


def downgrade() -> None:
    op.execute("DROP VIEW readable_stored_file")
    op.execute(f"CREATE {_FILE.format(more='')}")
    op.drop_column("stored_file", "page_starts")
