"""Each author of a text can object to its argument and gets an answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128p"
down_revision = "20261128o"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        _make("uq_argument_objection_open", ["claim_id", "submission_id"])
        op.drop_index("ix_argument_objection_open", "argument_objection", postgresql_concurrently=True, if_exists=True)


def downgrade() -> None:
    """Keep the first waiting objection of each statement; unlink the other waiting ones from it."""
    op.execute(
        """
        UPDATE argument_objection o SET claim_id = NULL
        WHERE o.outcome IS NULL AND EXISTS (
            SELECT 1 FROM argument_objection f WHERE f.claim_id = o.claim_id AND f.outcome IS NULL AND f.id < o.id
        )
        """
    )
    with op.get_context().autocommit_block():
        _make("ix_argument_objection_open", ["claim_id"])
        op.drop_index("uq_argument_objection_open", "argument_objection", postgresql_concurrently=True, if_exists=True)


def _make(name: str, columns: list[str]) -> None:
    op.create_index(
        name,
        "argument_objection",
        columns,
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
        postgresql_concurrently=True,
        if_not_exists=True,
    )
