"""Questions of choices"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "comment", sa.Column("answer", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True)
    )
    op.add_column(
        "question",
        sa.Column(
            "kind",
            sa.Enum("text", "one", "many", "scale", "rank", name="questionkind", native_enum=False, length=24),
            server_default="text",
            nullable=False,
        ),
    )
    op.add_column("question", sa.Column("options", postgresql.JSONB(), server_default="[]", nullable=False))
    op.add_column("question", sa.Column("other", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("question", sa.Column("chapter", sa.Text(), server_default="", nullable=False))
    op.add_column("question", sa.Column("after_id", sa.BigInteger(), nullable=True))
    op.add_column("question", sa.Column("after_keys", postgresql.JSONB(), server_default="[]", nullable=False))
    op.add_column("question", sa.Column("added_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f("fk_question_after_id_question"), "question", "question", ["after_id"], ["id"])


def downgrade() -> None:
    op.drop_constraint(op.f("fk_question_after_id_question"), "question", type_="foreignkey")
    op.drop_column("question", "added_at")
    op.drop_column("question", "after_keys")
    op.drop_column("question", "after_id")
    op.drop_column("question", "chapter")
    op.drop_column("question", "other")
    op.drop_column("question", "options")
    op.drop_column("question", "kind")
    op.drop_column("comment", "answer")
