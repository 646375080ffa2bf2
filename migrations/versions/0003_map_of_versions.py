"""Footnotes of provisions, and the map from one version of a draft to the next."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "provision_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column(
            "change",
            sa.Enum(
                "unchanged",
                "edited",
                "moved",
                "split",
                "merged",
                "new",
                "removed",
                name="change",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("before_id", sa.BigInteger(), nullable=True),
        sa.Column("after_id", sa.BigInteger(), nullable=True),
        sa.Column("score", sa.Double(), nullable=False),
        sa.CheckConstraint(
            "before_id IS NOT NULL OR after_id IS NOT NULL", name=op.f("ck_provision_link_links_something")
        ),
        sa.ForeignKeyConstraint(
            ["after_id"], ["provision.id"], name=op.f("fk_provision_link_after_id_provision"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["before_id"], ["provision.id"], name=op.f("fk_provision_link_before_id_provision"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_provision_link_version_id_version"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provision_link")),
    )
    op.create_index("ix_provision_link_after", "provision_link", ["after_id"], unique=False)
    op.create_index("ix_provision_link_before", "provision_link", ["before_id"], unique=False)
    op.create_index("ix_provision_link_line", "provision_link", ["version_id", "line"], unique=False)
    op.add_column(
        "provision", sa.Column("notes", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
    )


def downgrade() -> None:

    op.drop_column("provision", "notes")
    op.drop_index("ix_provision_link_line", table_name="provision_link")
    op.drop_index("ix_provision_link_before", table_name="provision_link")
    op.drop_index("ix_provision_link_after", table_name="provision_link")
    op.drop_table("provision_link")
