"""Relations that upper packages may read of submissions.

They contain nothing that opens or proves a submission: no salt, no hash of an author's or a return key, no sealed
address. They do contain words that are not public: readers must filter by `state` and `shown`.
"""

from __future__ import annotations

from sqlalchemy import select

from consult.core.database.relations import Relation
from consult.submissions.facilitation.model import WrittenGroup
from consult.submissions.model import (
    Comment,
    Contact,
    CoSignature,
    Evidence,
    EvidenceTag,
    Facilitation,
    Placement,
    Submission,
    Translation,
)


class ReadableSubmission(Relation):
    """A submission in whichever `state`. Names are as filed: `name_rule` says which of them the public may read."""

    selected = select(
        Submission.id,
        Submission.reference,
        Submission.consultation_id,
        Submission.state,
        Submission.account_id,
        Submission.organisation_id,
        Submission.contact_id,
        Submission.submitter_kind,
        Submission.name_rule,
        Submission.organisation_name,
        Submission.person_name,
        Submission.country,
        Submission.language,
        Submission.received_at,
        Submission.present,
        Submission.text_hash,
    )


class ReadableContact(Relation):
    """A submitter without an account: `email_index` shows whether two addresses are equal, not what they are."""

    selected = select(Contact.id, Contact.email_index)


class ReadableComment(Relation):
    """Words on a provision, the answer to a question, or words on the draft as a whole.

    The public may read those with `shown`, and `redacted_body` in place of `body` where there is one.
    """

    selected = select(
        Comment.id,
        Comment.submission_id,
        Comment.consultation_id,
        Comment.provision_id,
        Comment.question_id,
        Comment.stance,
        Comment.body,
        Comment.language,
        Comment.position,
        Comment.shown,
        Comment.redacted_body,
        Comment.anchor,
        Comment.paper,
    )


class ReadablePlacement(Relation):
    """Where a comment stood in one version, by whom; the newest row of a version holds, unless it `waits`."""

    selected = select(
        Placement.id,
        Placement.comment_id,
        Placement.version_id,
        Placement.provision_id,
        Placement.anchor,
        Placement.placer,
        Placement.waits,
        Placement.at,
    )


class ReadableTranslation(Relation):
    """A comment in another language; shown while `of_words` is the SHA-256 of what the public reads of the comment."""

    selected = select(
        Translation.comment_id, Translation.language, Translation.body, Translation.of_words, Translation.credit
    )


class ReadableCosignature(Relation):
    """An organisation that joins a submission: it does once it was both invited and confirmed."""

    selected = select(
        CoSignature.submission_id, CoSignature.organisation_id, CoSignature.invited_at, CoSignature.confirmed_at
    )


class ReadableFacilitation(Relation):
    """A meeting of a group, how many were `present`, and the submission that it ended in."""

    selected = select(
        Facilitation.consultation_id, Facilitation.submission_id, Facilitation.present, Facilitation.group
    )


class ReadableWrittenGroup(Relation):
    """For which of the owner's groups a written submission speaks, as its writer says."""

    selected = select(WrittenGroup.submission_id, WrittenGroup.group)


class ReadableEvidence(Relation):
    """What supports a submission: a file, or a reference. Public once it is `shown` and its file is clean."""

    selected = select(
        Evidence.id,
        Evidence.submission_id,
        Evidence.consultation_id,
        Evidence.shown,
        Evidence.file_id,
        Evidence.reference,
        Evidence.kind,
        Evidence.description,
        Evidence.language,
        Evidence.year,
        Evidence.place,
        Evidence.method,
    )


class ReadableEvidenceTag(Relation):
    """That a piece of evidence is about a term of the taxonomy."""

    selected = select(EvidenceTag.evidence_id, EvidenceTag.term_id)
