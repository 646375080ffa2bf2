"""Relations that upper packages may read of the analysis, as of the consultation's cursor."""

from __future__ import annotations

from sqlalchemy import select

from consult.analysis.model import Campaign, CountedSubmission, Statement, TextGroup
from consult.core.database.relations import Relation


class ReadableAnalysisCounted(Relation):
    """How one submission is counted: its text, its state, and `places` as "place stance"; empty unless published."""

    selected = select(
        CountedSubmission.submission_id,
        CountedSubmission.consultation_id,
        CountedSubmission.text_hash,
        CountedSubmission.state,
        CountedSubmission.organisation,
        CountedSubmission.places,
    )


class ReadableTextGroup(Relation):
    """The submissions of a consultation with the same words: how many, and of which class or campaign they are."""

    selected = select(
        TextGroup.consultation_id,
        TextGroup.text_hash,
        TextGroup.first_number,
        TextGroup.campaign_number,
        TextGroup.received,
        TextGroup.published,
        TextGroup.kind,
        TextGroup.campaign_id,
        TextGroup.contrary,
        TextGroup.checked,
        TextGroup.standing,
        TextGroup.adds,
    )


class ReadableCampaign(Relation):
    """A letter that many send, with its counts; `letter` where its organiser declared the words; of a `template` the
    `texts` are its variants. `public_…` count what is published; `judged`: who contradicts was told by meaning too."""

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
        Campaign.contrary,
        Campaign.confirmed,
        Campaign.template,
        Campaign.texts,
        Campaign.public_texts,
        Campaign.public_exact,
        Campaign.public_adding,
        Campaign.public_contrary,
        Campaign.public_confirmed,
        Campaign.judged,
    )


class ReadableStatement(Relation):
    """What a member of a campaign says beside its letter: `comment.body[start:end]`, and of which `kind` it is."""

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
