"""Requests of campaign letters, as arguments of their senders that are counted separately from individual ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261128l"
down_revision = "20261128k"
branch_labels = None
depends_on = None

_TEXT_GROUP = """SELECT text_group.consultation_id, text_group.text_hash, text_group.first_number,
    text_group.campaign_number, text_group.received, text_group.published, text_group.kind, text_group.campaign_id,
    text_group.contrary, text_group.checked{more} FROM text_group"""
_ARGUMENT = """SELECT argument.id, argument.consultation_id, argument.place, argument.stance, argument.name,
    argument.phrases, argument.merged_into_id, argument.voices, argument.statements, argument.revision{more}
    FROM argument"""
_CLAIM = """SELECT claim.id, claim.consultation_id, claim.text_hash, claim.comment_id, claim.submission_id, claim.place,
    claim.start, claim."end", claim.proof, claim.submitter, claim.argument_id{more} FROM claim"""
_VIEWS = {
    "readable_text_group": (_TEXT_GROUP, ", text_group.standing, text_group.adds"),
    "readable_argument": (
        _ARGUMENT,
        ", argument.letter, argument.senders,\n    argument.name IS NOT NULL OR argument.letter IS NOT NULL AS checked",
    ),
    "readable_claim": (_CLAIM, ", claim.campaign_id"),
}


def upgrade() -> None:
    op.add_column("argument", sa.Column("letter", sa.String(24), nullable=True))
    op.add_column("argument", sa.Column("letter_key", sa.LargeBinary(), nullable=True))
    op.add_column("argument", sa.Column("senders", sa.Integer(), server_default="0", nullable=False))
    op.add_column("claim", sa.Column("campaign_id", sa.BigInteger(), nullable=True))
    _make_views(more=True)
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_argument_checked",
            "argument",
            ["consultation_id"],
            postgresql_where=sa.text(
                "merged_into_id IS NULL AND statements > 0 AND (name IS NOT NULL OR letter IS NOT NULL)"
            ),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "uq_argument_letter",
            "argument",
            ["consultation_id", "letter_key"],
            unique=True,
            postgresql_where=sa.text("letter_key IS NOT NULL"),
            postgresql_concurrently=True,
        )
        op.create_index(
            "ix_claim_campaign",
            "claim",
            ["consultation_id", "campaign_id"],
            postgresql_where=sa.text("campaign_id IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_claim_campaign", "claim", postgresql_concurrently=True)
        op.drop_index("uq_argument_letter", "argument", postgresql_concurrently=True)
        op.drop_index("ix_argument_checked", "argument", postgresql_concurrently=True, if_exists=True)
    _make_views(more=False)
    op.drop_column("claim", "campaign_id")
    op.drop_column("argument", "senders")
    op.drop_column("argument", "letter_key")
    op.drop_column("argument", "letter")


def _make_views(*, more: bool) -> None:
    for name, (selected, added) in _VIEWS.items():
        op.execute(f"DROP VIEW {name}")
        op.execute(f"CREATE VIEW {name} AS {selected.format(more=added if more else '')}")
