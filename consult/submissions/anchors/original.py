"""A comment's original anchor, before it was carried to a later version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from consult.submissions.anchors.selectors import Anchor, anchor_of
from consult.submissions.model import Comment


class OriginalAnchor(NamedTuple):
    """The provision that a comment was made on, and the one of a later version that it stands at."""

    was: int
    now: int
    anchor: Anchor | None  # the words that its author chose, as they were


OriginalAnchors = Mapping[int, OriginalAnchor]
"""By comment."""


def to_original_anchor(found: Any, now: int | None) -> OriginalAnchor | None:
    """As the statements of comments give it, of a comment that stands there now."""
    return OriginalAnchor(found[0], now, anchor_of(found[1])) if found and now else None


def quote_original(before: OriginalAnchor | None, anchor: Anchor | None) -> str:
    """The words that an author chose, as they were then, of a comment that stands at these now; empty for no words."""
    chosen = before.anchor if before and before.anchor else anchor
    return chosen.exact if chosen else ""


def quote_comment(comment: Comment, carried: OriginalAnchors) -> str:
    """The same, of one of the comments that may have been carried."""
    return quote_original(carried.get(comment.id), anchor_of(comment.anchor))
