# ruff: noqa: S608 - statements put together from constants
"""Texts are compared after folding look-alike characters, and campaigns may be templates.

Hashes are computed again for submissions, letters and statements with look-alike characters, if rule 3 of the normal
form made the hash. Those submissions are counted again with the next entry. The search index is rebuilt by following
the ledger again: rows are replaced one by one, and found as before until then.

The downgrade leaves the new hashes, so the previous release treats those few texts as distinct.
"""

import unicodedata
from hashlib import blake2b

import sqlalchemy as sa
from alembic import op

from consult.core.scripts.confusables import LOOK_ALIKES_SQL
from consult.core.text import drop_silent, fingerprint, word_pattern

revision = "20261128e"
down_revision = "20261128d"
branch_labels = None
depends_on = None

_VIEW = """CREATE OR REPLACE VIEW readable_campaign AS
    SELECT campaign.id, campaign.consultation_id, campaign.letter_hash, campaign.letter, campaign.name,
    campaign.organiser, campaign.declared_at, campaign.members, campaign.published, campaign.exact, campaign.adding,
    campaign.contrary, campaign.confirmed{more} FROM campaign"""
_TEXTS = f"""
    SELECT s.id, s.consultation_id, s.text_hash AS hash, string_agg(c.body, E'\\n' ORDER BY c.position, c.id) AS said
    FROM submission s JOIN comment c ON c.submission_id = s.id
    WHERE s.id IN (SELECT submission_id FROM comment WHERE body ~ '{LOOK_ALIKES_SQL}') GROUP BY s.id
    """
_MOVED = """INSERT INTO claim_moved (consultation_id, text_hash)
    SELECT DISTINCT consultation_id, text_hash FROM claim WHERE submission_id = :id"""
_REHASH = (
    "UPDATE submission SET text_hash = :new WHERE id = :id",
    "UPDATE waiting SET text_hash = :new WHERE submission_id = :id",
    _MOVED,
    "UPDATE claim SET text_hash = :new WHERE submission_id = :id",
    _MOVED,
    """INSERT INTO analysis_rehashed (submission_id, consultation_id, number)
        SELECT :id, :consultation_id, coalesce(max(number), 0) + 1 FROM ledger
        ON CONFLICT (submission_id) DO UPDATE SET number = excluded.number""",
)
_LETTERS = f"SELECT id, letter_hash AS hash, letter AS said FROM campaign WHERE letter ~ '{LOOK_ALIKES_SQL}'"
_LETTER = """UPDATE campaign SET letter_hash = :new WHERE id = :id AND NOT EXISTS (
    SELECT 1 FROM campaign o WHERE o.consultation_id = campaign.consultation_id AND o.letter_hash = :new)"""
_CLAIMS = f"""
    SELECT k.id, k.key AS hash, substr(c.body, k.start + 1, k."end" - k.start) AS said
    FROM claim k JOIN comment c ON c.id = k.comment_id WHERE c.body ~ '{LOOK_ALIKES_SQL}'
    """


def upgrade() -> None:
    op.add_column("campaign", sa.Column("template", sa.Boolean(), server_default="false", nullable=False))
    op.execute(_VIEW.format(more=", campaign.template, campaign.texts"))
    _rehash(_TEXTS, *_REHASH)
    _rehash(_LETTERS, _LETTER)
    _rehash(_CLAIMS, "UPDATE claim SET key = :new WHERE id = :id")
    op.execute("UPDATE follower SET upto = 1 WHERE name = 'search'")
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_text_group_repeated",
            "text_group",
            ["consultation_id", "published"],
            postgresql_where=sa.text("campaign_id IS NULL AND published >= 5"),
            postgresql_concurrently=True,
        )


def _rehash(asked: str, *statements: str) -> None:
    """Update the rows whose hash was made by rule 3 and differs by the current rule."""
    rows = op.get_bind().execute(sa.text(asked)).mappings().all()
    changed = [
        {**{name: row[name] for name in row if name not in ("hash", "said")}, "new": fingerprint(row["said"])}
        for row in rows
        if bytes(row["hash"]) == _fingerprint_by_rule_3(row["said"]) != fingerprint(row["said"])
    ]
    for statement in statements if changed else ():
        op.get_bind().execute(sa.text(statement), changed)


def _fingerprint_by_rule_3(text: str) -> bytes:
    folded = unicodedata.normalize("NFKC", drop_silent(text)).casefold().replace("\u0640", "")
    return blake2b(" ".join(word_pattern(folded).findall(folded)).encode(), digest_size=16).digest()


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_text_group_repeated", "text_group", postgresql_concurrently=True)
    op.execute("DROP VIEW readable_campaign")
    op.execute(_VIEW.format(more=""))
    op.drop_column("campaign", "template")
