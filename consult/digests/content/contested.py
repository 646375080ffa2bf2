"""The sentence of the draft that the finding is about, with the words that most comments there point at. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from consult.core.text import excerpt
from consult.digests.content.rows import MarkedSentence
from consult.submissions.anchors.selectors import Anchor, sentence_spans

MAX_SENTENCE = 300
_SHARE = 3
"""Words are marked that so many times fewer comments point at than at the words with most, or more."""


def mark_sentence(place: str, text: str, anchors: Sequence[Anchor]) -> MarkedSentence | None:
    """The sentence with most comments on its words; None where no comment is on words that stand in the text.

    >>> found = mark_sentence("p", "First. Sixty per cent is the aim.", [Anchor(7, 21, "Sixty per cent")])
    >>> found.text, found.spans
    ('Sixty per cent is the aim.', ((0, 14),))
    """
    depth = [0] * len(text)
    for anchor in anchors:
        if text[anchor.start : anchor.end] == anchor.exact:
            for at in range(anchor.start, anchor.end):
                depth[at] += 1
    most = max(depth, default=0)
    if not most:
        return None
    spans = sentence_spans(text)
    start, end = max(spans, key=lambda span: (max(depth[span[0] : span[1]]), sum(depth[span[0] : span[1]]), -span[0]))
    words = text[start:end]
    if len(words) > MAX_SENTENCE or "\n" in words:
        words = excerpt(words, MAX_SENTENCE)
        if not text[start:end].startswith(words.removesuffix("…")):
            return None  # white space was joined: its places are others
    marked = [depth[start + at] * _SHARE >= most for at in range(len(words.removesuffix("…")))]
    return MarkedSentence(place=place, text=words, spans=tuple(_runs(marked)))


def _runs(marked: Sequence[bool]) -> list[tuple[int, int]]:
    """Where a row of marks begins and ends."""
    found, start = [], None
    for at, here in enumerate([*marked, False]):
        if here and start is None:
            start = at
        elif not here and start is not None:
            found.append((start, at))
            start = None
    return found
