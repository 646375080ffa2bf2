"""The part of each comment that does not repeat comments above it on a page. A campaign letter is shown once."""

from __future__ import annotations

from collections.abc import Iterable

from consult.core.text import normalise
from consult.submissions.anchors.selectors import sentence_spans
from consult.submissions.comments.published import PublishedComment

LEAST = 60
"""Minimum number of repeated characters for shortening a comment."""


def find_additions(voices: Iterable[PublishedComment]) -> dict[int, str]:
    """Return the words of each comment that no comment above it has, with an ellipsis for repeated sentences.

    Comments with redactions are shown in full, because the positions refer to the whole text.
    """
    above: set[str] = set()
    additions: dict[int, str] = {}
    for voice in voices:
        parts = [voice.body[start:end] for start, end in sentence_spans(voice.body)]
        normal = [normalise(part) for part in parts]
        repeated = [words in above for words in normal]
        length = sum(len(part) for part, known in zip(parts, repeated, strict=True) if known)
        if length >= LEAST and not all(repeated) and not voice.redactions:
            additions[voice.id] = join_additions(parts, repeated)
        above.update(normal)
    return additions


def join_additions(parts: Iterable[str], repeated: Iterable[bool]) -> str:
    """Join the sentences that are not repeated, with an ellipsis for the others.

    >>> join_additions(["Raise it.", "I am a nurse.", "Thank you."], [True, False, True])
    '… I am a nurse. …'
    """
    additions: list[str] = []
    for part, known in zip(parts, repeated, strict=True):
        words = "…" if known else part
        if words != "…" or additions[-1:] != ["…"]:
            additions.append(words)
    return " ".join(additions)
