"""Search for warnings by title, in every language."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201s_search_warnings"
down_revision = "20261201r_letter_reading"
branch_labels = None
depends_on = None


def upgrade() -> None:
    titles = sa.text("words_in_languages(jsonb_path_query_array(texts, '$.*.title')::text)")
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_signal_warning_words", "signal_warning", [titles], postgresql_using="gin", postgresql_concurrently=True
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_signal_warning_words", "signal_warning", postgresql_concurrently=True)
