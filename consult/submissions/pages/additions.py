"""Text that a comment adds to those above it on a page, so that a campaign letter is shown once. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from consult.core.text import normalise
from consult.submissions.anchors.selectors import sentence_spans
from consult.submissions.comments.published import PublishedComment

LEAST = 60
"""Minimum number of repeated characters for shortening a comment."""


def find_additions(voices: Iterable[PublishedComment]) -> dict[int, str]:
    """Return the words of each comment that none above has, with an ellipsis for repeated sentences.

    Comments with redactions are shown in full, because the positions refer to the whole text.
    """
    above: set[str] = set()
    additions: dict[int, str] = {}
    for voice in voices:
        parts = [voice.body[start:end] for start, end in sentence_spans(voice.body)]
        fresh = [part for part in parts if normalise(part) not in above]
        repeated = sum(len(part) for part in parts) - sum(len(part) for part in fresh)
        if repeated >= LEAST and fresh and not voice.redactions:
            additions[voice.id] = join_additions(parts, above)
        above.update(normalise(part) for part in parts)
    return additions


def join_additions(parts: Iterable[str], above: set[str]) -> str:
    """Join the sentences that are not above, with an ellipsis for the others.

    >>> join_additions(["Raise it.", "I am a nurse.", "Thank you."], {"raise it", "thank you"})
    '… I am a nurse. …'
    """
    additions: list[str] = []
    for part in parts:
        words = "…" if normalise(part) in above else part
        if words != "…" or additions[-1:] != ["…"]:
            additions.append(words)
    return " ".join(additions)
