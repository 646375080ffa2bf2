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
from consult.submissions.anchors.selectors import Anchor, anchor_of
from consult.submissions.model import NAMED_RULES, Comment, NameRule, Stance, Submission, SubmitterKind
from consult.submissions.translations import PublishedTranslation, group_by_comment


@dataclass(frozen=True)
class PublishedComment:
    """A published comment with who said it, under the name that was chosen."""

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
    confirmed: bool  # filed by a member of the organisation; else it only says that it speaks for it
    organisation_kind: OrganisationKind | None
    country: str | None
    present: int | None  # filed by a facilitator for a group: how many were there
    received_at: datetime
    anchor: Anchor | None = None  # the words that it is about; None for the whole of its place
    redactions: list[Any] | None = None  # of the blocks in its body, in their order
    translated: Sequence[PublishedTranslation] = ()
    original: OriginalAnchor | None = None  # where it was carried to a later version since
    amendment: int | None = None  # so many characters of its body are its provision's text as it should be
    paper: bool = False  # a part of the text of a position paper

    @property
    def proposed(self) -> str:
        """The text that it proposes; empty where it proposes none, or where words of it are covered."""
        return self.body[: self.amendment or 0] if not self.redactions else ""

    @property
    def quote(self) -> str:
        """The words that its author chose, as they were then; empty for the whole of its place."""
        return quote_original(self.original, self.anchor)

    @property
    def as_said(self) -> tuple[Any, ...]:
        """All that is shown of it but who sent it, and when: a key."""
        on = self.anchor, self.quote
        return self.body, self.language, self.stance, on, str(self.redactions), tuple(self.translated)


@dataclass(frozen=True)
class PublishedSubmission:
    """A published submission and its first comments, or all of them."""

    submission: Submission
    organisation_kind: OrganisationKind | None
    comments: Sequence[Comment]
    translated: Mapping[int, Sequence[PublishedTranslation]] = field(default_factory=dict)  # by comment
    carried: OriginalAnchors = field(default_factory=dict)

    def quote(self, comment: Comment) -> str:
        """The words that the author of one of its comments chose."""
        return quote_comment(comment, self.carried)

    @property
    def as_voice(self) -> PublishedComment:
        """Who said it, as beside a single comment."""
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
    """A row of `statements.select_published` as a comment."""
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
        row.paper,
    )
