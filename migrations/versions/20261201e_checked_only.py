"""Views publish only checked contradictions and arguments, and one public name of each submission."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261201e_checked_only"
down_revision = "20261201c_report_decisions"
branch_labels = None
depends_on = None

_CONFIRMED = "coalesce(text_group.checked = 'contradicts', false) AS contrary"
_TEXT_GROUP = """SELECT text_group.consultation_id, text_group.text_hash, text_group.first_number,
    text_group.campaign_number, text_group.received, text_group.published, text_group.kind, text_group.campaign_id,
    {contrary}, text_group.checked, text_group.standing, text_group.adds FROM text_group"""
_CAMPAIGN = """SELECT campaign.id, campaign.consultation_id, campaign.letter_hash, campaign.letter, campaign.name,
    campaign.organiser, campaign.declared_at, campaign.members, campaign.published, campaign.exact, campaign.adding,
    {contrary}, campaign.confirmed, campaign.template, campaign.texts, campaign.public_texts, campaign.public_exact,
    campaign.public_adding, {public_contrary}, campaign.public_confirmed, campaign.judged FROM campaign"""
_ARGUMENT = """SELECT argument.id, argument.consultation_id, argument.place, argument.stance, argument.name,
    argument.phrases, argument.merged_into_id, argument.voices, argument.statements, argument.revision,
    argument.letter, argument.senders, {checked} AS checked FROM argument"""
_SUBMISSION = """SELECT submission.id, submission.reference, submission.consultation_id, submission.state,
    submission.account_id, submission.organisation_id, submission.contact_id, submission.submitter_kind,
    submission.name_rule, submission.organisation_name, submission.person_name, submission.country,
    submission.language, submission.received_at, submission.present, submission.text_hash{more} FROM submission"""
_PUBLIC_NAME = """, nullif(CASE WHEN submission.name_rule = 'organisation' THEN submission.organisation_name
    WHEN submission.name_rule IN ('own', 'pseudonym') THEN submission.person_name END, '') AS public_name"""
_LETTERS = "argument.name IS NOT NULL OR argument.letter IS NOT NULL"
_BOTH = """UPDATE campaign SET public_both = found.n FROM (
    SELECT k.id, coalesce(sum(g.published) FILTER (WHERE g.adds AND {condition}), 0) AS n
    FROM campaign k LEFT JOIN text_group g ON g.campaign_id = k.id GROUP BY k.id
) AS found WHERE found.id = campaign.id AND campaign.public_both <> found.n"""


def upgrade() -> None:
    op.execute(f"CREATE OR REPLACE VIEW readable_text_group AS {_TEXT_GROUP.format(contrary=_CONFIRMED)}")
    campaign = _CAMPAIGN.format(
        contrary="campaign.confirmed AS contrary", public_contrary="campaign.public_confirmed AS public_contrary"
    )
    op.execute(f"CREATE OR REPLACE VIEW readable_campaign AS {campaign}")
    op.execute(f"CREATE OR REPLACE VIEW readable_argument AS {_ARGUMENT.format(checked='argument.name IS NOT NULL')}")
    op.execute(f"CREATE OR REPLACE VIEW readable_submission AS {_SUBMISSION.format(more=_PUBLIC_NAME)}")
    op.execute(_BOTH.format(condition="g.checked = 'contradicts'"))
    op.execute("UPDATE heard_summary SET told = 1")  # what is on the pages is made anew
    _make_index("name IS NOT NULL")


def downgrade() -> None:
    op.execute(f"CREATE OR REPLACE VIEW readable_text_group AS {_TEXT_GROUP.format(contrary='text_group.contrary')}")
    campaign = _CAMPAIGN.format(contrary="campaign.contrary", public_contrary="campaign.public_contrary")
    op.execute(f"CREATE OR REPLACE VIEW readable_campaign AS {campaign}")
    op.execute(f"CREATE OR REPLACE VIEW readable_argument AS {_ARGUMENT.format(checked=_LETTERS)}")
    op.execute("DROP VIEW readable_submission")
    op.execute(f"CREATE VIEW readable_submission AS {_SUBMISSION.format(more='')}")
    op.execute(_BOTH.format(condition="g.contrary"))
    op.execute("UPDATE heard_summary SET told = 1")
    _make_index("(name IS NOT NULL OR letter IS NOT NULL)")


def _make_index(checked: str) -> None:
    """Create the index of checked arguments."""
    with op.get_context().autocommit_block():
        op.drop_index("ix_argument_checked", "argument", postgresql_concurrently=True, if_exists=True)
        op.create_index(
            "ix_argument_checked",
            "argument",
            ["consultation_id"],
            postgresql_where=sa.text(f"merged_into_id IS NULL AND statements > 0 AND {checked}"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
