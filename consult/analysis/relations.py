"""Columns of the analysis that upper packages may read, as of the last processed ledger entry."""

from __future__ import annotations

from sqlalchemy import func, select

from consult.analysis.kinds import ContradictionCheck
from consult.analysis.model import Campaign, CountedSubmission, Statement, TextGroup
from consult.core.database.relations import Relation


class ReadableAnalysisCounted(Relation):
    """One submission as counted: text hash, state, organisation, and places as “place stance” if it is published."""

    selected = select(
        CountedSubmission.submission_id,
        CountedSubmission.consultation_id,
        CountedSubmission.text_hash,
        CountedSubmission.state,
        CountedSubmission.organisation,
        CountedSubmission.places,
    )


class ReadableTextGroup(Relation):
    """The submissions of a consultation with the same words: their number, class and campaign.

    `contrary` is set only if a person confirmed the contradiction; unchecked suggestions are not public. `swapped`
    (a word of the letter was swapped for its opposite) and `opposition` only give the order in which people read texts.
    """

    selected = select(
        TextGroup.consultation_id,
        TextGroup.text_hash,
        TextGroup.first_number,
        TextGroup.campaign_number,
        TextGroup.received,
        TextGroup.published,
        TextGroup.kind,
        TextGroup.campaign_id,
        func.coalesce(TextGroup.checked == ContradictionCheck.CONTRADICTS, False).label("contrary"),
        TextGroup.checked,
        TextGroup.standing,
        TextGroup.adds,
        TextGroup.share,
        TextGroup.contrary.label("swapped"),
        TextGroup.opposition,
    )


class ReadableCampaign(Relation):
    """A campaign with its counts. `letter` is set only if the organiser declared it.

    For a `template`, `texts` counts its variants. Columns `public_…` count published submissions. `contrary` counts
    members whom a person confirmed to contradict the letter; unchecked suggestions are not public.
    """

    selected = select(
        Campaign.id,
        Campaign.consultation_id,
        Campaign.letter_hash,
        Campaign.letter,
        Campaign.name,
        Campaign.organiser,
        Campaign.declared_at,
        Campaign.members,
        Campaign.published,
        Campaign.exact,
        Campaign.adding,
        Campaign.confirmed.label("contrary"),
        Campaign.confirmed,
        Campaign.template,
        Campaign.texts,
        Campaign.public_texts,
        Campaign.public_exact,
        Campaign.public_adding,
        Campaign.public_confirmed.label("public_contrary"),
        Campaign.public_confirmed,
        Campaign.judged,
    )


class ReadableStatement(Relation):
    """A statement of a campaign member: `comment.body[start:end]` and its `kind`."""

    selected = select(
        Statement.id,
        Statement.campaign_id,
        Statement.comment_id,
        Statement.start,
        Statement.end,
        Statement.kind,
        Statement.consultation_id,
        Statement.text_hash,
    )
