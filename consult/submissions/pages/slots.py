"""Slots on submission pages, for packages above."""

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
    """Between a provision and the comments on it."""

    name = "provision.aside"
    consultation: Consultation
    place: ProvisionNode
    published: int  # comments on it


@dataclass(frozen=True)
class DraftVoices(Slot):
    """At each commented paragraph of the draft: who spoke on it and its points, as a picture."""

    name = "draft.voices"
    consultation: Consultation
    counts: Counts
    places: Sequence[ProvisionNode]
    large: bool = False  # with the numbers said below it


@dataclass(frozen=True)
class LeadingArguments(Slot):
    """At each paragraph of the draft: what most people say of it or of one of its points."""

    name = "draft.argument"
    consultation: Consultation
    places: Sequence[ProvisionNode]  # those that have room for it


@dataclass(frozen=True)
class CheckHints(Slot):
    """Before the button that sends a submission."""

    name = "check.hints"
    page: DraftPage
    change_url: str | None = None  # where a sentence can be added; None where a button below does it
    signs_for: int | None = None  # the organisation that the writer may sign for


@dataclass(frozen=True)
class AuthorAnswers(Slot):
    """At each submission of an author's list, by its id."""

    name = "mine.answers"
    submission_ids: Sequence[int]


@dataclass(frozen=True)
class RedactionReasons(Slot):
    """At each block that hides words of a comment: why, by the code that was given."""

    name = "redaction.reason"
    codes: frozenset[str]

    @classmethod
    def of(cls, redactions: Iterable[Sequence[Mapping[str, Any]] | None]) -> RedactionReasons:
        """For the comments of a page, each with its redactions."""
        return cls(frozenset(row["reason"] for rows in redactions for row in rows or ()))


@dataclass(frozen=True)
class CommentFoot(Slot):
    """Below each published comment of a page: what its public words refer to. `words` are by the comment's id."""

    name = "comment.foot"
    words: Mapping[int, str]
