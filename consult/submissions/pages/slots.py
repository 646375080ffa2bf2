"""Slots on submission pages, for packages of higher layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consult.consultations.model import Consultation
from consult.core.slots import Slot
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.pages.queries import DraftPage
from consult.submissions.queries import Counts


@dataclass(frozen=True)
class ProvisionAside(Slot):
    """Between a provision and its comments."""

    name = "provision.aside"
    consultation: Consultation
    place: ProvisionNode
    published: int  # number of published comments on it


@dataclass(frozen=True)
class DraftVoices(Slot):
    """At each commented paragraph of the draft: a picture of the authors who commented on it and its points."""

    name = "draft.voices"
    consultation: Consultation
    counts: Counts
    places: Sequence[ProvisionNode]
    large: bool = False  # with the numbers as text below


@dataclass(frozen=True)
class LeadingArguments(Slot):
    """At each paragraph of the draft: the most frequent argument on it or one of its points."""

    name = "draft.argument"
    consultation: Consultation
    places: Sequence[ProvisionNode]  # those with space for it


@dataclass(frozen=True)
class CheckHints(Slot):
    """Above the button that sends a submission."""

    name = "check.hints"
    page: DraftPage
    change_url: str | None = None  # URL for adding a sentence, or None if a button below does it
    signs_for: int | None = None  # the organisation that the author may sign for


@dataclass(frozen=True)
class AuthorAnswers(Slot):
    """At each submission of an author's list, by id."""

    name = "mine.answers"
    submission_ids: Sequence[int]


@dataclass(frozen=True)
class RedactionReasons(Slot):
    """At each hidden passage of a comment: the reason, by its code."""

    name = "redaction.reason"
    codes: frozenset[str]

    @classmethod
    def of(cls, redactions: Iterable[Sequence[Mapping[str, Any]] | None]) -> RedactionReasons:
        """Return the slot for a page's comments, given their redactions."""
        return cls(frozenset(row["reason"] for rows in redactions for row in rows or ()))


@dataclass(frozen=True)
class CommentFoot(Slot):
    """Below each published comment of a page: links for its public text. `words` are by comment id."""

    name = "comment.foot"
    words: Mapping[int, str]
