"""What a comment adds to those above it on a page: a letter is read once, then only what its senders add. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from consult.core.text import normalise
from consult.submissions.anchors.selectors import sentence_spans
from consult.submissions.comments.published import PublishedComment

LEAST = 60
"""So many characters of a comment stand above it already, where only the others are shown."""


def find_additions(voices: Iterable[PublishedComment]) -> dict[int, str]:
    """By comment the words that no comment above it has, of those that repeat sentences; with an ellipsis for these.

    What is covered by a redaction is shown as it is: its places are told by its whole text.
    """
    above: set[str] = set()
    found: dict[int, str] = {}
    for voice in voices:
        parts = [voice.body[start:end] for start, end in sentence_spans(voice.body)]
        fresh = [part for part in parts if normalise(part) not in above]
        repeated = sum(len(part) for part in parts) - sum(len(part) for part in fresh)
        if repeated >= LEAST and fresh and not voice.redactions:
            found[voice.id] = join_additions(parts, above)
        above.update(normalise(part) for part in parts)
    return found


def join_additions(parts: Iterable[str], above: set[str]) -> str:
    """The sentences that are not above, with an ellipsis where others were.

    >>> join_additions(["Raise it.", "I am a nurse.", "Thank you."], {"raise it", "thank you"})
    '… I am a nurse. …'
    """
    found: list[str] = []
    for part in parts:
        words = "…" if normalise(part) in above else part
        if words != "…" or found[-1:] != ["…"]:
            found.append(words)
    return " ".join(found)
