"""Read-only relations of submissions for packages of higher layers.

They contain nothing that opens or proves a submission: no salt, no hashes of links or recovery words, no sealed
address. They do contain text that is not public, so readers must filter by `state` and `shown`.
"""

from __future__ import annotations

from sqlalchemy import case, func, select

from consult.core.database.relations import Relation
from consult.submissions.facilitation.model import Facilitation, WrittenGroup
from consult.submissions.model import (
    COUNTED_AS,
    NAMED_RULES,
    Comment,
    Contact,
    CoSignature,
    Evidence,
    EvidenceTag,
    NameRule,
    Placement,
    Submission,
    Translation,
)
from consult.submissions.supporters.model import SupporterConsent


class ReadableSubmission(Relation):
    """A submission in any `state`. Names are as filed. `public_name` is public once it is published."""

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
        func.nullif(
            case(
                (Submission.name_rule == NameRule.ORGANISATION, Submission.organisation_name),
                (Submission.name_rule.in_(sorted(NAMED_RULES)), Submission.person_name),
            ),
            "",
        ).label("public_name"),
        Submission.side,
    )


class ReadableSupporterConsent(Relation):
    """The organisation whose program sent a submission for its author. Public with the submission."""

    selected = select(SupporterConsent.submission_id, SupporterConsent.organisation_id)


class ReadableContact(Relation):
    """An author without an account. `email_index` shows whether two addresses are equal, and does not contain them."""

    selected = select(Contact.id, Contact.email_index)


class ReadableComment(Relation):
    """A comment on a provision, an answer to a question, or a comment on the whole draft.

    Public with `shown`, and then `redacted_body` replaces `body` if set. `stance` is as filed; counts use `counted_as`.
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
        Comment.amendment,
        Comment.agrees_with,
        COUNTED_AS.label("counted_as"),
        Comment.redactions,
    )


class ReadablePlacement(Relation):
    """The position of a comment in a version, and its origin.

    The newest row of a version is valid, unless it `waits`.
    """

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
    """A translation of a comment. Shown while `of_words` is the SHA-256 of the comment's public text."""

    selected = select(
        Translation.comment_id, Translation.language, Translation.body, Translation.of_words, Translation.credit
    )


class ReadableCosignature(Relation):
    """An organisation that co-signs a submission, once it was both invited and confirmed."""

    selected = select(
        CoSignature.submission_id, CoSignature.organisation_id, CoSignature.invited_at, CoSignature.confirmed_at
    )


class ReadableFacilitation(Relation):
    """A meeting of a group with the number of people `present`, and its submission."""

    selected = select(
        Facilitation.consultation_id, Facilitation.submission_id, Facilitation.present, Facilitation.group
    )


class ReadableWrittenGroup(Relation):
    """A group of the consultation that a written submission speaks for, according to its author."""

    selected = select(WrittenGroup.submission_id, WrittenGroup.group)


class ReadableEvidence(Relation):
    """Evidence of a submission: a file or a reference. Public once it is `shown` and its file is clean."""

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
    """A taxonomy term of a piece of evidence."""

    selected = select(EvidenceTag.evidence_id, EvidenceTag.term_id)
