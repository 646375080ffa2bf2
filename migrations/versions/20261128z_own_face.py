"""Legal texts of the operator, publication checklist, retention periods; web addresses, merging and late answers of
bodies.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128z_own_face"
down_revision = "20261128y_second_factor"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "site_text",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        _to_account("site_text"),
        sa.PrimaryKeyConstraint("id", name="pk_site_text"),
    )
    op.create_index("ix_site_text_key", "site_text", ["key", "language", "id"])
    op.create_table(
        "site_logo",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(png) <= 65536", name="ck_site_logo_small_logo"),
        sa.PrimaryKeyConstraint("id", name="pk_site_logo"),
    )
    op.create_table(
        "lawful_start",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("id = 1", name="ck_lawful_start_one"),
        _to_account("lawful_start"),
        sa.PrimaryKeyConstraint("id", name="pk_lawful_start"),
    )
    op.create_table(
        "body_alias",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("body_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_body_alias_body_id_body", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("slug", name="pk_body_alias"),
    )
    op.add_column("body", sa.Column("domain", sa.Text(), nullable=True))
    op.add_column("body", sa.Column("domain_proved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("response", sa.Column("lateness", sa.Text(), nullable=True))
    op.add_column("consultation", sa.Column("contacts_days", sa.Integer(), nullable=True))


def _to_account(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_account_id_account"
    return sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=name, ondelete="SET NULL")


def downgrade() -> None:
    op.drop_column("consultation", "contacts_days")
    op.drop_column("response", "lateness")
    op.drop_column("body", "domain_proved_at")
    op.drop_column("body", "domain")
    for table in ("body_alias", "lawful_start", "site_logo", "site_text"):
        op.drop_table(table)
