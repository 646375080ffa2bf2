"""Indexes of submissions without the rows that have no such key: comments that are taken in from a file have none."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_LOOKED_UP = ("account_id", "organisation_id")
_UNIQUE = ("idempotency_key", "author_key", "return_key")


def upgrade() -> None:
    for column in _UNIQUE:
        op.drop_constraint(f"uq_submission_{column}", "submission", type_="unique")
        _index("uq", column, f"{column} IS NOT NULL")
    for column in _LOOKED_UP:
        op.drop_index(f"ix_submission_{column}", table_name="submission")
        _index("ix", column, f"{column} IS NOT NULL")


def downgrade() -> None:
    for column in _LOOKED_UP:
        op.drop_index(f"ix_submission_{column}", table_name="submission")
        _index("ix", column, None)
    for column in _UNIQUE:
        op.drop_index(f"uq_submission_{column}", table_name="submission")
        op.create_unique_constraint(f"uq_submission_{column}", "submission", [column])


def _index(prefix: str, column: str, where: str | None) -> None:
    name = f"{prefix}_submission_{column}"
    op.create_index(name, "submission", [column], unique=prefix == "uq", postgresql_where=where)
