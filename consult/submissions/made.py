"""What a comment was made on, before it was carried to a later version of the draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from consult.submissions.anchors import Anchor, anchor_of
from consult.submissions.model import Comment


class Made(NamedTuple):
    """The provision that a comment was made on, and the one of a later version that it stands at."""

    was: int
    now: int
    anchor: Anchor | None  # the words that its author chose, as they were


Carried = Mapping[int, Made]
"""By comment."""


def made(found: Any, now: int | None) -> Made | None:
    """As `statements.made_on` gives it, of a comment that stands there now."""
    return Made(found[0], now, anchor_of(found[1])) if found and now else None


def quote(before: Made | None, anchor: Anchor | None) -> str:
    """The words that an author chose, as they were then, of a comment that stands at these now; empty for no words."""
    chosen = before.anchor if before and before.anchor else anchor
    return chosen.exact if chosen else ""


def quoted(comment: Comment, carried: Carried) -> str:
    """The same, of one of the comments that may have been carried."""
    return quote(carried.get(comment.id), anchor_of(comment.anchor))
