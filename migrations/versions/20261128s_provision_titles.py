"""Short titles of provisions, counts of copies of letters by provision, and search in drafts and answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128s"
down_revision = "20261128q"
branch_labels = None
depends_on = None

_TAKE_FACTS = """
    UPDATE heard_counted SET facts = ARRAY(SELECT fact FROM unnest(facts) AS fact WHERE fact NOT LIKE 'copied %')
    WHERE EXISTS (SELECT 1 FROM unnest(facts) AS fact WHERE fact LIKE 'copied %')
"""
_ADD_FACTS = """
    UPDATE heard_counted h SET facts = h.facts || ARRAY(SELECT 'copied ' || said FROM unnest(a.places) AS said)
    FROM analysis_counted a JOIN text_group g ON g.consultation_id = a.consultation_id AND g.text_hash = a.text_hash
    WHERE a.submission_id = h.submission_id AND a.state = 'published' AND g.campaign_number IS NOT NULL
"""
_COUNT = """
    INSERT INTO heard_count (consultation_id, dimension, key, n)
    SELECT consultation_id, 'copied', substr(fact, 8), count(*) FROM heard_counted, unnest(facts) AS fact
    WHERE fact LIKE 'copied %' GROUP BY consultation_id, substr(fact, 8)
    ON CONFLICT (consultation_id, dimension, key) DO UPDATE SET n = EXCLUDED.n
"""
_WORDS = """
    CREATE FUNCTION words_in_languages(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT to_tsvector('pg_catalog.english', said) || to_tsvector('pg_catalog.spanish', said)
            || to_tsvector('pg_catalog.french', said) || to_tsvector('pg_catalog.arabic', said)
            || to_tsvector('pg_catalog.portuguese', said) || to_tsvector('pg_catalog.simple', said)
    $$
"""


def upgrade() -> None:
    op.create_table(
        "provision_title",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("wid", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 30", name="ck_provision_title_short"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name="fk_provision_title_document_id_document", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", "wid", name="pk_provision_title"),
    )
    op.execute(_TAKE_FACTS)
    op.execute(_ADD_FACTS)
    op.execute(_COUNT)
    op.execute(_WORDS)
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_provision_words",
            "provision",
            [sa.text("words_in_languages(heading || ' ' || text)")],
            postgresql_using="gin",
            postgresql_concurrently=True,
        )
        op.create_index(
            "ix_argument_words",
            "argument",
            [sa.text("words_in_languages(name)")],
            postgresql_using="gin",
            postgresql_where=sa.text("name IS NOT NULL"),
            postgresql_concurrently=True,
        )
        op.create_index(
            "ix_response_words",
            "response",
            [sa.text("words_in_languages(reasons)")],
            postgresql_using="gin",
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    """Leave the counts of copies, which the previous release updates but does not show."""
    with op.get_context().autocommit_block():
        op.drop_index("ix_response_words", "response", postgresql_concurrently=True)
        op.drop_index("ix_argument_words", "argument", postgresql_concurrently=True)
        op.drop_index("ix_provision_words", "provision", postgresql_concurrently=True)
    op.execute("DROP FUNCTION words_in_languages(text)")
    op.drop_table("provision_title")
