"""Search for plans, actions, indicators and bodies by name, and the series that is the figure of an indicator."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201g_search_names"
down_revision = "20261201f_sign_off_events"
branch_labels = None
depends_on = None


_NAME_HEADLINES = """
    UPDATE indicator SET headline_name = named.name FROM (
        SELECT made.indicator_id, string_agg(part.value, ', ') AS name
        FROM indicator_import AS made, jsonb_each_text(made.choices -> 'whole') AS part
        WHERE made.kept_at IS NOT NULL AND made.replaced_by_id IS NULL AND lower(part.value) NOT IN (
            '_t', 't', 'all', 'total', 'both sexes', 'ensemble', 'tous', 'toutes', 'todos', 'todas', 'ambos sexos'
        )
        GROUP BY made.indicator_id
    ) AS named
    WHERE named.indicator_id = indicator.id
"""


def _words(said: str) -> sa.TextClause:
    return sa.text(f"words_in_languages({said})")


def upgrade() -> None:
    body = _words("name || ' ' || coalesce(code, '') || ' ' || names::text")
    indicator = _words("titles::text")
    op.add_column("indicator", sa.Column("headline_name", sa.Text(), server_default="", nullable=False))
    op.execute(_NAME_HEADLINES)
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_plan_words", "plan", [_words("title")], postgresql_using="gin", postgresql_concurrently=True
        )
        op.create_index(
            "ix_action_words", "action", [_words("title")], postgresql_using="gin", postgresql_concurrently=True
        )
        op.create_index(
            "ix_indicator_words", "indicator", [indicator], postgresql_using="gin", postgresql_concurrently=True
        )
        op.create_index("ix_body_words", "body", [body], postgresql_using="gin", postgresql_concurrently=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_body_words", "body", postgresql_concurrently=True)
        op.drop_index("ix_indicator_words", "indicator", postgresql_concurrently=True)
        op.drop_index("ix_action_words", "action", postgresql_concurrently=True)
        op.drop_index("ix_plan_words", "plan", postgresql_concurrently=True)
    op.drop_column("indicator", "headline_name")
