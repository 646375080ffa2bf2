"""Tables of submissions, comments, drafts and running counts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    case,
    literal_column,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id
from consult.submissions.stances import Side as Side
from consult.submissions.stances import Stance as Stance


class State(StrEnum):
    """The state of a submission.

    `received = published + withheld + withdrawn + erased + pending`, where pending is PENDING and RETURNED.
    """

    PENDING = "pending"
    RETURNED = "returned"
    PUBLISHED = "published"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class NameRule(StrEnum):
    """The way in which the author's name appears."""

    ORGANISATION = "organisation"
    OWN = "own"
    PSEUDONYM = "pseudonym"
    NONE = "none"


NAMED_RULES = frozenset({NameRule.OWN, NameRule.PSEUDONYM})  # shows a real name or a pseudonym


class SubmitterKind(StrEnum):
    ORGANISATION = "organisation"
    PERSON = "person"
    UNNAMED = "unnamed"


class Contact(Base):
    """The e-mail address of an author, encrypted with the row's own salt. Deleting the row destroys the key."""

    __tablename__ = "contact"

    id: Mapped[Id]
    salt: Mapped[bytes]
    email_sealed: Mapped[bytes]
    email_index: Mapped[bytes] = mapped_column(index=True)


def _where_there_is_one(column: str, *, unique: bool = False) -> Index:
    """Return a partial index without null values, because imports leave most columns empty."""
    name = f"{'uq' if unique else 'ix'}_submission_{column}"
    return Index(name, column, unique=unique, postgresql_where=f"{column} IS NOT NULL")


_PROPOSALS = "amendment IS NOT NULL OR agrees_with IS NOT NULL"
_WHOLE = "shown AND provision_id IS NULL AND question_id IS NULL"
NO_TEXT = b""  # Hash of an erased text, the same for all.


class Submission(Base):
    """A submission to one consultation. `revision` detects concurrent changes."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("consultation_id", "source", "source_id"),
        CheckConstraint("name_rule <> 'organisation' OR organisation_name IS NOT NULL", name="organisation_is_named"),
        Index("ix_submission_queue", "state", "received_at", "id"),
        Index("ix_submission_consultation_state", "consultation_id", "state", "id"),
        Index("ix_submission_text", "consultation_id", "text_hash"),
        Index("ix_submission_present", "consultation_id", "state", postgresql_where="present IS NOT NULL"),
        Index("ix_submission_side", "consultation_id", "id", postgresql_where="side IS NOT NULL"),
        Index(
            "ix_submission_voices",
            "consultation_id",
            "organisation_id",
            postgresql_where="state = 'published' AND submitter_kind = 'organisation'",
        ),
        *(_where_there_is_one(column) for column in ("account_id", "organisation_id")),
        *(_where_there_is_one(column, unique=True) for column in ("idempotency_key", "author_key", "return_key")),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))
    version_id: Mapped[BigInt] = mapped_column(ForeignKey("version.id"))
    state: Mapped[State] = mapped_column(default=State.PENDING)
    revision: Mapped[int] = mapped_column()
    idempotency_key: Mapped[bytes | None]
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[BigInt | None] = mapped_column(ForeignKey("organisation.id"))
    contact_id: Mapped[BigInt | None] = mapped_column(ForeignKey("contact.id"))
    submitter_kind: Mapped[SubmitterKind]
    name_rule: Mapped[NameRule]
    organisation_name: Mapped[str | None]  # as filed. Public only if name_rule says so
    person_name: Mapped[str | None]  # public if name_rule is OWN or PSEUDONYM
    country: Mapped[str | None]  # ISO 3166-1 alpha-2
    side: Mapped[Side | None]  # what its author wants to happen to the draft as a whole
    language: Mapped[str]
    received_at: Mapped[datetime]
    present: Mapped[int | None]  # number of people present, if filed by a facilitator for a group
    late: Mapped[bool] = mapped_column(default=False)  # sent after closing and its grace period
    text_hash: Mapped[bytes]  # core.text.fingerprint of the whole text. NO_TEXT once erased
    author_key: Mapped[bytes | None]  # hash of the secret in the private link
    return_key: Mapped[bytes | None]  # hash of the keyed hash of the recovery words
    salt: Mapped[bytes | None]  # salt of the ledger's commitment, deleted by erasure
    source: Mapped[str | None]  # source of an import
    source_id: Mapped[str | None]

    __mapper_args__ = {"version_id_col": revision}

    @property
    def by_code_only(self) -> bool:
        """Return whether it was filed anonymously, so only the recovery words open it."""
        return self.return_key is not None and self.author_key is None

    @property
    def public_name(self) -> str | None:
        """Return the name chosen for publication, or None."""
        return choose_public_name(self)


def choose_public_name(said: Any) -> str | None:
    """Return the published name from `name_rule`, `organisation_name` and `person_name`, or None."""
    if said.name_rule == NameRule.ORGANISATION:
        return said.organisation_name or None
    return (said.person_name or None) if said.name_rule in NAMED_RULES else None


def find_counted_kind(said: Any) -> Stance | None:
    """Return the type that a comment counts as, from `stance`, `amendment` and `agrees_with`: see COUNTED_AS."""
    return Stance.AMENDMENT if (said.amendment, said.agrees_with) != (None, None) else said.stance


class Comment(Base):
    """A comment on a provision, an answer to a question, or (neither) a comment on the whole draft."""

    __tablename__ = "comment"
    __table_args__ = (
        CheckConstraint("provision_id IS NULL OR question_id IS NULL", name="one_place"),
        Index("ix_comment_shown", "provision_id", "id", postgresql_where="shown"),
        Index("ix_comment_stance", "provision_id", "stance", "id", postgresql_where="shown"),
        Index("ix_comment_listed", "consultation_id", "stance", "id", postgresql_where="shown"),
        Index("ix_comment_answers", "question_id", "id", postgresql_where="shown AND question_id IS NOT NULL"),
        Index("ix_comment_anchored", "provision_id", "id", postgresql_where="shown AND anchor IS NOT NULL"),
        Index("ix_comment_on_words", "consultation_id", "id", postgresql_where="shown AND provision_id IS NOT NULL"),
        Index("ix_comment_whole", "consultation_id", "id", postgresql_where=_WHOLE),
        Index("ix_comment_submission", "submission_id", "position"),
        Index("ix_comment_amendments", "provision_id", "id", postgresql_where="amendment IS NOT NULL"),
        Index("ix_comment_agrees_with", "agrees_with", postgresql_where="agrees_with IS NOT NULL"),
        Index("ix_comment_proposals", "consultation_id", "id", postgresql_where=_PROPOSALS),
    )

    id: Mapped[Id]
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))  # that of the submission, for lists
    provision_id: Mapped[BigInt | None] = mapped_column(ForeignKey("provision.id"))
    question_id: Mapped[BigInt | None] = mapped_column(ForeignKey("question.id"))
    stance: Mapped[Stance | None]
    body: Mapped[str]
    language: Mapped[str]
    position: Mapped[int]
    shown: Mapped[bool] = mapped_column(default=False)  # whether the submission is published
    redacted_body: Mapped[str | None]  # public text, if a moderator has hidden words
    anchor: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # anchors/selectors.py's Anchor
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # {"chosen": [keys]}
    redactions: Mapped[list[Any] | None]  # [{"start", "end", "reason"}] in characters of `body`
    paper: Mapped[bool] = mapped_column(default=False, server_default="false")  # a part of the text of a position paper
    paper_place: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # see anchors/paper_place.py
    amendment: Mapped[int | None]  # length of the suggested text at the beginning of `body`. The rest is the reason
    agrees_with: Mapped[BigInt | None]  # the comment whose suggested wording it supports, even if that is gone

    @property
    def counted_as(self) -> Stance | None:
        """Return the type that it counts as: see COUNTED_AS."""
        return find_counted_kind(self)

    @property
    def public_body(self) -> str:
        """Return the public text."""
        return self.body if self.redacted_body is None else self.redacted_body


_amendment: ColumnElement[Any] = type_coerce(literal_column(f"'{Stance.AMENDMENT}'"), Comment.stance.type)
COUNTED_AS: ColumnElement[Stance | None] = case(
    (Comment.amendment.is_not(None) | Comment.agrees_with.is_not(None), _amendment), else_=Comment.stance
)
"""The type that a comment counts as. A suggested or supported wording counts only as that."""
COUNTED_AS_SQL = (
    "CASE WHEN {0}.amendment IS NOT NULL OR {0}.agrees_with IS NOT NULL THEN 'amendment' ELSE {0}.stance END"
)
"""COUNTED_AS as SQL text for an alias of the table `comment`."""


class Translation(Base):
    """A translation of a comment by a person. Shown while `of_words` matches the public text of the original."""

    __tablename__ = "translation"
    __table_args__ = (UniqueConstraint("comment_id", "language"),)

    id: Mapped[Id]
    comment_id: Mapped[BigInt] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    language: Mapped[str]
    body: Mapped[str]
    of_words: Mapped[bytes]  # SHA-256 of the translated public text
    credit: Mapped[str]  # public name of the translator
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))  # account that added it
    made_at: Mapped[datetime]


class Draft(Base):
    """An unfinished submission, sealed, of its token's holder, an account or an organisation."""

    __tablename__ = "draft"
    __table_args__ = (
        UniqueConstraint("consultation_id", "account_id"),
        UniqueConstraint("consultation_id", "organisation_id"),
        Index("ix_draft_due_at", "due_at", postgresql_where="due_at IS NOT NULL"),
    )

    id: Mapped[Id]
    token: Mapped[bytes] = mapped_column(unique=True)  # hash of the secret in the browser's session
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id", ondelete="CASCADE"))
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    organisation_id: Mapped[BigInt | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    traceless: Mapped[bool] = mapped_column(default=False, server_default="false")  # begun on the anonymous form
    due_at: Mapped[datetime | None]  # sent anonymously: the time of filing
    late: Mapped[bool] = mapped_column(default=False, server_default="false")  # sent in the period for late submissions
    sealed: Mapped[bytes]  # JSON: see submissions/content/draft.py
    file_ids: Mapped[list[Any]] = mapped_column(default=list)  # ids of its stored files
    revision: Mapped[int] = mapped_column()
    updated_at: Mapped[datetime]
    reminded_for: Mapped[datetime | None]  # the closing time of the last reminder

    __mapper_args__ = {"version_id_col": revision}


class CoSignature(Base):
    """An organisation that co-signs another's submission. It is an additional supporter, not another copy.

    Both must agree: the author invites or accepts (`invited_at`), and the organisation signs (`confirmed_at`).
    """

    __tablename__ = "cosignature"
    __table_args__ = (UniqueConstraint("submission_id", "organisation_id"),)

    id: Mapped[Id]
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    organisation_id: Mapped[BigInt] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    invited_at: Mapped[datetime | None]  # null if the organisation asks and the author has not answered yet
    confirmed_at: Mapped[datetime | None]
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))  # who confirmed
    signed_as: Mapped[str | None]  # name of the organisation when it signed


class FormerWords(Base):
    """An earlier text of a submission, encrypted with its salt, so that erasure destroys it."""

    __tablename__ = "former_words"
    __table_args__ = (UniqueConstraint("submission_id", "number"),)

    id: Mapped[Id]
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    number: Mapped[int]  # from 1
    until: Mapped[datetime]
    sealed: Mapped[bytes]  # JSON: see submissions/content/draft.py
    reply: Mapped[bytes | None]  # the author's message to the moderator on sending it in again, also sealed


class Tally(Base):
    """Running counts as deltas: filing only appends, so nobody waits for a counter. The scheduler folds rows.

    A count is the sum of `n` over its rows. With `provision_id` null they count submissions, else comments.
    """

    __tablename__ = "tally"
    __table_args__ = (Index("ix_tally_consultation", "consultation_id", "provision_id"),)

    id: Mapped[Id]
    consultation_id: Mapped[BigInt]
    provision_id: Mapped[BigInt | None]
    stance: Mapped[Stance | None]
    state: Mapped[State]
    n: Mapped[int]


class PlacedBy(StrEnum):
    """The origin of a comment's position in a version."""

    AUTHOR = "author"
    RULE = "rule"
    PERSON = "person"


class Placement(Base):
    """The position of a comment in a version, and its origin.

    The newest row of a version is valid, and none is deleted. Placed by the author on filing, and by rule or by a
    person for a new version. If a rule was not certain, the row `waits` for a person, with suggested `provision_id` and
    `anchor`. Without a provision the comment does not move.
    """

    __tablename__ = "placement"
    __table_args__ = (
        Index("uq_placement_once", "comment_id", "version_id", unique=True, postgresql_where="placer <> 'person'"),
        Index("ix_placement_comment", "comment_id", "id"),
        Index("ix_placement_waits", "version_id", "id", postgresql_where="waits"),
    )

    id: Mapped[Id]
    comment_id: Mapped[BigInt] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    version_id: Mapped[BigInt] = mapped_column(ForeignKey("version.id", ondelete="CASCADE"))
    provision_id: Mapped[BigInt | None] = mapped_column(ForeignKey("provision.id", ondelete="CASCADE"))
    anchor: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    confidence: Mapped[float]
    placer: Mapped[PlacedBy]
    waits: Mapped[bool]
    actor: Mapped[str | None]  # pseudonym of a person
    at: Mapped[datetime]


class EvidenceKind(StrEnum):
    STUDY = "study"
    STATISTICS = "statistics"
    CASE_STUDY = "case_study"
    TESTIMONY = "testimony"
    LEGAL_TEXT = "legal_text"
    POSITION_PAPER = "position_paper"  # main content of its submission. Its text is filed as comments
    OTHER = "other"
    MANDATE = "mandate"  # authorises an organisation to speak for others. For moderators, unless marked as public


class Evidence(Base):
    """Supporting evidence of a submission: either a file or a reference to a publication."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("(file_id IS NULL) <> (reference IS NULL)", name="file_or_reference"),
        Index("ix_evidence_submission", "submission_id", "position"),
        Index("ix_evidence_consultation", "consultation_id", postgresql_where="shown"),
        Index(
            "ix_evidence_mandate", "submission_id", postgresql_where="kind = 'mandate' AND NOT private AND NOT shown"
        ),
    )

    id: Mapped[Id]
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))  # that of the submission, for lists
    position: Mapped[int]
    shown: Mapped[bool] = mapped_column(default=False)  # published, and a mandate also read
    private: Mapped[bool] = mapped_column(default=False, server_default="false")  # for author and moderators
    file_id: Mapped[BigInt | None] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), index=True)
    scheme: Mapped[str | None]  # doi, url or isbn
    reference: Mapped[str | None]
    kind: Mapped[EvidenceKind]
    description: Mapped[str]
    language: Mapped[str]
    year: Mapped[int | None]
    place: Mapped[str]
    method: Mapped[str]
    consent: Mapped[bool]  # consent to publication by the people shown and the creator


class EvidenceTag(Base):
    """A taxonomy term assigned to a piece of evidence by a person."""

    __tablename__ = "evidence_tag"
    __table_args__ = (Index("ix_evidence_tag_term", "term_id"),)

    evidence_id: Mapped[BigInt] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True)
    term_id: Mapped[BigInt] = mapped_column(ForeignKey("term.id"), primary_key=True)
    tagged_by: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    tagged_at: Mapped[datetime]
