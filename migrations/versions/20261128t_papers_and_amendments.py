"""Comments with the text of a position paper, suggested wordings, and support for the wording of others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128t"
down_revision = "20261128s"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comment", sa.Column("paper", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("comment", sa.Column("amendment", sa.Integer(), nullable=True))
    op.add_column(
        "comment",
        sa.Column("agrees_with", sa.BigInteger(), sa.ForeignKey("comment.id", ondelete="SET NULL"), nullable=True),
    )
    with op.get_context().autocommit_block():
        for name, columns, where in _INDEXES:
            op.create_index(
                name,
                "comment",
                columns,
                postgresql_where=sa.text(where),
                postgresql_concurrently=True,
                if_not_exists=True,
            )


_INDEXES = (
    ("ix_comment_agrees_with", ["agrees_with"], "agrees_with IS NOT NULL"),
    ("ix_comment_amendments", ["provision_id", "id"], "amendment IS NOT NULL"),
)


def downgrade() -> None:
    for name, _columns, _where in _INDEXES:
        op.drop_index(name, table_name="comment")
    for column in ("agrees_with", "amendment", "paper"):
        op.drop_column("comment", column)
