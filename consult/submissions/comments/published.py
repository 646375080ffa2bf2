"""Published comments and submissions as plain values, with their authors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from consult.accounts.model import OrganisationKind
from consult.submissions.anchors.original import (
    OriginalAnchor,
    OriginalAnchors,
    quote_comment,
    quote_original,
    to_original_anchor,
)
from consult.submissions.anchors.paper_place import PaperPlace, paper_place_of
from consult.submissions.anchors.selectors import Anchor, anchor_of
from consult.submissions.comments.translations import PublishedTranslation, group_by_comment
from consult.submissions.model import (
    NAMED_RULES,
    Comment,
    NameRule,
    Stance,
    Submission,
    SubmitterKind,
    find_counted_kind,
)


@dataclass(frozen=True)
class PublishedComment:
    """A published comment with its author, under the chosen name."""

    id: int
    submission_id: int
    reference: str
    provision_id: int | None
    question_id: int | None
    stance: Stance | None
    body: str
    language: str
    kind: SubmitterKind
    name: str | None
    confirmed: bool  # filed by a member of the organisation. Otherwise the author only claims to speak for it
    organisation_kind: OrganisationKind | None
    country: str | None
    present: int | None  # number of people present, if filed by a facilitator for a group
    received_at: datetime
    anchor: Anchor | None = None  # the commented words. None for the whole provision
    redactions: list[Any] | None = None  # of the blocks in its body, in order
    translated: Sequence[PublishedTranslation] = ()
    original: OriginalAnchor | None = None  # its original place, if it was moved to a later version
    amendment: int | None = None  # length of the suggested text at the beginning of its body
    agrees_with: int | None = None  # the comment whose suggested wording it supports
    paper: bool = False  # a part of the text of a position paper
    paper_place: PaperPlace | None = None  # the block of a position paper that it was taken from

    @property
    def proposes(self) -> bool:
        """Return whether it suggests a visible text. An empty one suggests deleting the paragraph."""
        return self.amendment is not None and not self.redactions

    @property
    def proposed(self) -> str:
        """Return the suggested text. Empty if there is none or parts of it are hidden."""
        return self.body[: self.amendment or 0] if not self.redactions else ""

    @property
    def counted_as(self) -> Stance | None:
        """Return the type that it counts as."""
        return find_counted_kind(self)

    @property
    def quote(self) -> str:
        """Return the words selected by its author, in their original form. Empty for the whole provision."""
        return quote_original(self.original, self.anchor)

    @property
    def as_said(self) -> tuple[Any, ...]:
        """Return everything shown of it except author and time, as a key."""
        on = self.anchor, self.quote
        return (
            self.body,
            self.language,
            self.counted_as,
            self.agrees_with,
            on,
            str(self.redactions),
            tuple(self.translated),
        )


@dataclass(frozen=True)
class PublishedSubmission:
    """A published submission with its first comments, or all of them."""

    submission: Submission
    organisation_kind: OrganisationKind | None
    comments: Sequence[Comment]
    translated: Mapping[int, Sequence[PublishedTranslation]] = field(default_factory=dict)  # by comment id
    carried: OriginalAnchors = field(default_factory=dict)

    def quote(self, comment: Comment) -> str:
        """Return the words selected by the author of one of its comments."""
        return quote_comment(comment, self.carried)

    @property
    def as_voice(self) -> PublishedComment:
        """Return its author in the form used for a single comment."""
        row = self.submission
        return PublishedComment(
            0,
            row.id,
            row.reference,
            None,
            None,
            None,
            "",
            row.language,
            row.submitter_kind,
            row.public_name,
            row.organisation_id is not None,
            self.organisation_kind,
            row.country,
            row.present,
            row.received_at,
        )


def to_published_comment(row: Any) -> PublishedComment:
    """Return a comment from a row of `statements.select_published`."""
    names = dict.fromkeys(NAMED_RULES, row.person_name) | {NameRule.ORGANISATION: row.organisation_name}
    return PublishedComment(
        row.id,
        row.submission_id,
        row.reference,
        row.provision_id,
        row.question_id,
        row.stance,
        row.body,
        row.language,
        row.submitter_kind,
        names.get(row.name_rule),
        row.organisation_id is not None,
        row.kind,
        row.country,
        row.present,
        row.received_at,
        anchor_of(row.anchor),
        row.redactions,
        group_by_comment(row.translated).get(row.id, ()),
        to_original_anchor(row.made, row.provision_id),
        row.amendment,
        row.agrees_with,
        row.paper,
        paper_place_of(row.paper_place),
    )
