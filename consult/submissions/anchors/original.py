"""The original anchor of a comment, before it was moved to a later version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from consult.submissions.anchors.selectors import Anchor, anchor_of
from consult.submissions.model import Comment


class OriginalAnchor(NamedTuple):
    """The provision a comment was made on, and the one of a later version that it is on now."""

    was: int
    now: int
    anchor: Anchor | None  # words selected by its author


OriginalAnchors = Mapping[int, OriginalAnchor]
"""By comment id."""


def to_original_anchor(found: Any, now: int | None) -> OriginalAnchor | None:
    """Return the original anchor from a row of a statement, or None if the comment was never moved."""
    return OriginalAnchor(found[0], now, anchor_of(found[1])) if found and now else None


def quote_original(before: OriginalAnchor | None, anchor: Anchor | None) -> str:
    """Return the words selected by the author, in their original form, or ""."""
    chosen = before.anchor if before and before.anchor else anchor
    return chosen.exact if chosen else ""


def quote_comment(comment: Comment, carried: OriginalAnchors) -> str:
    """Return the words selected by the author of a comment, in their original form."""
    return quote_original(carried.get(comment.id), anchor_of(comment.anchor))
