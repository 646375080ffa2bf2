"""Samples of drug-checking services in batches, with their findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201u_samples"
down_revision = "20261201t_access_tokens"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def _foreign(table: str, column: str, to: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}", ondelete=ondelete)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "sample_batch",
        _id(),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("kept_by_id", sa.BigInteger(), nullable=True),
        sa.Column("kept_at", _TIME, nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("retracted_at", _TIME, nullable=True),
        sa.Column("retracted_for", sa.Text(), nullable=False, server_default=""),
        _foreign("sample_batch", "organisation_id", "organisation"),
        _foreign("sample_batch", "kept_by_id", "account", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_sample_batch"),
    )
    op.create_index("ix_sample_batch_organisation_id", "sample_batch", ["organisation_id"])
    op.create_index("ix_sample_batch_kept_by_id", "sample_batch", ["kept_by_id"])
    op.create_table(
        "sample",
        _id(),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("country", "region", "town", "site", "sold_as")),
        sa.Column("sold_as_id", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("form", "method", "strips")),
        _foreign("sample", "batch_id", "sample_batch"),
        _foreign("sample", "organisation_id", "organisation"),
        _foreign("sample", "sold_as_id", "term"),
        sa.PrimaryKeyConstraint("id", name="pk_sample"),
        sa.UniqueConstraint("organisation_id", "key", name="uq_sample_organisation_id_key"),
    )
    op.create_index("ix_sample_batch_id", "sample", ["batch_id"])
    op.create_index("ix_sample_sold_as_id", "sample", ["sold_as_id"])
    op.create_index("ix_sample_place", "sample", ["country", "region", "day"])
    op.create_table(
        "sample_finding",
        _id(),
        sa.Column("sample_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=True),
        _foreign("sample_finding", "sample_id", "sample", "CASCADE"),
        _foreign("sample_finding", "term_id", "term"),
        sa.PrimaryKeyConstraint("id", name="pk_sample_finding"),
        sa.UniqueConstraint("sample_id", "words", name="uq_sample_finding_sample_id_words"),
    )
    op.create_index("ix_sample_finding_term", "sample_finding", ["term_id", "sample_id"])


def downgrade() -> None:
    for table in ("sample_finding", "sample", "sample_batch"):
        op.drop_table(table)
