"""Tables of submissions, comments, drafts and running counts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from consult.core.db import Base, BigInt, Id


class Stance(StrEnum):
    """What kind of comment the submitter says it is. An import may not say: then it is null, and shown as such."""

    SUPPORT = "support"
    CONCERN = "concern"
    WORDING = "wording"
    EVIDENCE = "evidence"


class State(StrEnum):
    """The state of a submission in the books: exactly one.

    `received = published + withheld + withdrawn + erased + pending`, where pending is PENDING and RETURNED.
    """

    PENDING = "pending"
    RETURNED = "returned"
    PUBLISHED = "published"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class NameRule(StrEnum):
    """How the submitter's name appears."""

    ORGANISATION = "organisation"
    OWN = "own"
    PSEUDONYM = "pseudonym"
    NONE = "none"


NAMED_RULES = frozenset({NameRule.OWN, NameRule.PSEUDONYM})  # a person's name, or one made up, is shown


class SubmitterKind(StrEnum):
    ORGANISATION = "organisation"
    PERSON = "person"
    UNNAMED = "unnamed"


class Contact(Base):
    """The address of a submitter. Encrypted with the row's own salt: erasing the row destroys the key."""

    __tablename__ = "contact"

    id: Mapped[Id]
    salt: Mapped[bytes]
    email_sealed: Mapped[bytes]
    email_index: Mapped[bytes] = mapped_column(index=True)


def _where_there_is_one(column: str, *, unique: bool = False) -> Index:
    """An index without the rows that have none: a file of comments that is taken in fills most columns in no row."""
    name = f"{'uq' if unique else 'ix'}_submission_{column}"
    return Index(name, column, unique=unique, postgresql_where=f"{column} IS NOT NULL")


_WHOLE = "shown AND provision_id IS NULL AND question_id IS NULL"
NO_TEXT = b""  # the hash of an erased text: of no words, and the same for all


class Submission(Base):
    """A submission to one consultation. `revision` guards against two people changing it at once."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("consultation_id", "source", "source_id"),
        CheckConstraint("name_rule <> 'organisation' OR organisation_name IS NOT NULL", name="organisation_is_named"),
        Index("ix_submission_queue", "state", "received_at", "id"),
        Index("ix_submission_consultation_state", "consultation_id", "state", "id"),
        Index("ix_submission_text", "consultation_id", "text_hash"),
        Index("ix_submission_present", "consultation_id", "state", postgresql_where="present IS NOT NULL"),
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
    organisation_name: Mapped[str | None]  # as filed; public only where name_rule says so
    person_name: Mapped[str | None]  # public where name_rule is OWN or PSEUDONYM
    country: Mapped[str | None]  # ISO 3166-1 alpha-2
    language: Mapped[str]
    received_at: Mapped[datetime]
    present: Mapped[int | None]  # filed by a facilitator for a group: how many were there
    late: Mapped[bool] = mapped_column(default=False)  # after closing and its grace, where the owner takes that
    text_hash: Mapped[bytes]  # core.text.fingerprint of all its words; NO_TEXT once they are erased
    author_key: Mapped[bytes | None]  # hash of the secret in the author's link
    return_key: Mapped[bytes | None]  # hash of the keyed hash of seven words
    salt: Mapped[bytes | None]  # of the ledger's commitment; destroyed by erasure
    source: Mapped[str | None]  # where an import came from
    source_id: Mapped[str | None]

    __mapper_args__ = {"version_id_col": revision}

    @property
    def by_code_only(self) -> bool:
        """Whether it was filed without any identity: seven words are the only way back to it."""
        return self.return_key is not None and self.author_key is None

    @property
    def public_name(self) -> str | None:
        """The name the submitter chose to be shown under; None for nobody named."""
        return choose_public_name(self)


def choose_public_name(said: Any) -> str | None:
    """Of what has `name_rule`, `organisation_name` and `person_name`: the name that is published."""
    if said.name_rule is NameRule.ORGANISATION:
        return said.organisation_name or None
    return (said.person_name or None) if said.name_rule in NAMED_RULES else None


class Comment(Base):
    """Words on one provision, or the answer to one question, or (neither) on the draft as a whole."""

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
    )

    id: Mapped[Id]
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id"))
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))  # the submission's, for lists
    provision_id: Mapped[BigInt | None] = mapped_column(ForeignKey("provision.id"))
    question_id: Mapped[BigInt | None] = mapped_column(ForeignKey("question.id"))
    stance: Mapped[Stance | None]
    body: Mapped[str]
    language: Mapped[str]
    position: Mapped[int]
    shown: Mapped[bool] = mapped_column(default=False)  # follows the submission's state: published or not
    redacted_body: Mapped[str | None]  # what the public reads where a moderator has covered words
    anchor: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # anchors/selectors.py's Anchor
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # {"chosen": [keys]}: one a line
    redactions: Mapped[list[Any] | None]  # [{"start", "end", "reason"}] in characters of `body`
    paper: Mapped[bool] = mapped_column(default=False, server_default="false")  # a part of the text of a paper
    amendment: Mapped[int | None]  # so many characters of `body` are its provision's text as it should be; then why
    agrees_with: Mapped[BigInt | None] = mapped_column(ForeignKey("comment.id", ondelete="SET NULL"))  # an amendment

    @property
    def public_body(self) -> str:
        """The words as the public may read them."""
        return self.body if self.redacted_body is None else self.redacted_body


class Translation(Base):
    """A comment in another language, by a person. Shown while `of_words` are what the public reads of the original."""

    __tablename__ = "translation"
    __table_args__ = (UniqueConstraint("comment_id", "language"),)

    id: Mapped[Id]
    comment_id: Mapped[BigInt] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    language: Mapped[str]
    body: Mapped[str]
    of_words: Mapped[bytes]  # SHA-256 of the public words that were translated
    credit: Mapped[str]  # who made it, as the public reads it
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))  # who put it here
    made_at: Mapped[datetime]


class Draft(Base):
    """A submission being written, sealed, by its token's holder, its account or the members of its organisation."""

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
    traceless: Mapped[bool] = mapped_column(default=False, server_default="false")  # begun in no-identity mode
    due_at: Mapped[datetime | None]  # sent without identity: when it is filed and counted
    late: Mapped[bool] = mapped_column(default=False, server_default="false")  # sent when late ones are taken
    sealed: Mapped[bytes]  # JSON, see submissions/drafts/values.py
    file_ids: Mapped[list[Any]] = mapped_column(default=list)  # the stored files that it names: others may go
    revision: Mapped[int] = mapped_column()
    updated_at: Mapped[datetime]
    reminded_for: Mapped[datetime | None]  # the closing time that its writers were reminded of

    __mapper_args__ = {"version_id_col": revision}


class CoSignature(Base):
    """An organisation that joins another's submission: one more voice, not one more copy.

    It takes both: whoever sent the submission asks or agrees (`invited_at`), the organisation signs (`confirmed_at`).
    """

    __tablename__ = "cosignature"
    __table_args__ = (UniqueConstraint("submission_id", "organisation_id"),)

    id: Mapped[Id]
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    organisation_id: Mapped[BigInt] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    invited_at: Mapped[datetime | None]  # null: the organisation asks of itself, and its author has not answered yet
    confirmed_at: Mapped[datetime | None]
    account_id: Mapped[BigInt | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))  # who confirmed
    signed_as: Mapped[str | None]  # the name that the organisation had when it signed


class FormerWords(Base):
    """An earlier text of a submission. Encrypted with the submission's salt, so erasure destroys it."""

    __tablename__ = "former_words"
    __table_args__ = (UniqueConstraint("submission_id", "number"),)

    id: Mapped[Id]
    submission_id: Mapped[BigInt] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    number: Mapped[int]  # from 1
    until: Mapped[datetime]
    sealed: Mapped[bytes]  # JSON, see submissions/drafts/values.py
    reply: Mapped[bytes | None]  # what its author said to the moderator in sending it in again, sealed likewise


class Consent(StrEnum):
    """How a group agreed that its words are sent."""

    SPOKEN = "spoken"
    WRITTEN = "written"


class Facilitation(Base):
    """A meeting at which a facilitator writes down what a group says. Without a submission it is still going on."""

    __tablename__ = "facilitation"
    __table_args__ = (
        CheckConstraint("present > 0", name="somebody_was_there"),
        Index(
            "uq_facilitation_open",
            "consultation_id",
            "account_id",
            unique=True,
            postgresql_where="submission_id IS NULL",
        ),
    )

    id: Mapped[Id]
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))
    account_id: Mapped[BigInt] = mapped_column(ForeignKey("account.id"), index=True)
    submission_id: Mapped[BigInt | None] = mapped_column(ForeignKey("submission.id"), unique=True)
    present: Mapped[int]
    group: Mapped[str]  # one of the consultation's groups, or empty
    consent: Mapped[Consent]
    held_on: Mapped[date]
    created_at: Mapped[datetime]


class Tally(Base):
    """Running counts as deltas: filing only appends, so nobody waits for a counter; the clock folds them.

    The count of something is the sum of `n` over its rows. `provision_id` null counts submissions; else comments.
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
    """Who said where a comment stands in a version."""

    AUTHOR = "author"
    RULE = "rule"
    PERSON = "person"


class Placement(Base):
    """Where a comment stood in one version, and who said so; the newest row of a version holds, and none is taken out.

    By its author when it was filed; by rule or by a person when a new version came. Where a rule was not sure the row
    `waits` for a person, and `provision_id` and `anchor` are only proposed. Without a provision it stays where it was.
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
    actor: Mapped[str | None]  # a pseudonym, of a person
    at: Mapped[datetime]


class EvidenceKind(StrEnum):
    STUDY = "study"
    STATISTICS = "statistics"
    CASE_STUDY = "case_study"
    TESTIMONY = "testimony"
    LEGAL_TEXT = "legal_text"
    POSITION_PAPER = "position_paper"  # what its submission mainly says: its text is filed as comments
    OTHER = "other"
    MANDATE = "mandate"  # by which others let an organisation speak for them: for moderators, unless it says otherwise


class Evidence(Base):
    """Something that supports a submission: a file, or a reference to what is published elsewhere; never both."""

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
    consultation_id: Mapped[BigInt] = mapped_column(ForeignKey("consultation.id"))  # the submission's, for lists
    position: Mapped[int]
    shown: Mapped[bool] = mapped_column(default=False)  # follows the submission's state; a mandate only once it is read
    private: Mapped[bool] = mapped_column(default=False, server_default="false")  # for its author and moderators only
    file_id: Mapped[BigInt | None] = mapped_column(ForeignKey("stored_file.id", ondelete="CASCADE"), index=True)
    scheme: Mapped[str | None]  # doi, url or isbn
    reference: Mapped[str | None]
    kind: Mapped[EvidenceKind]
    description: Mapped[str]
    language: Mapped[str]
    year: Mapped[int | None]
    place: Mapped[str]
    method: Mapped[str]
    consent: Mapped[bool]  # that whoever it is about, or made it, agrees to its being published


class EvidenceTag(Base):
    """That a piece of evidence is about a term of the taxonomy. Set by a person."""

    __tablename__ = "evidence_tag"
    __table_args__ = (Index("ix_evidence_tag_term", "term_id"),)

    evidence_id: Mapped[BigInt] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True)
    term_id: Mapped[BigInt] = mapped_column(ForeignKey("term.id"), primary_key=True)
    tagged_by: Mapped[BigInt] = mapped_column(ForeignKey("account.id"))
    tagged_at: Mapped[datetime]
