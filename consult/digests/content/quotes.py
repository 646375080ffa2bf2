"""Selects a digest's quotes: whole sentences, verbatim, with their positions; and of the draft the one to mark.

Pure. Individual comments come before copies, and both before a letter that its sender reversed. Nobody is quoted at
every place. The comment's id breaks ties, so the same comments give the same quotes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from consult.core.text import drop_silent, drop_silent_with_offsets, excerpt
from consult.digests.content.rows import MarkedSentence, Quote
from consult.submissions.anchors.selectors import Anchor, sentence_spans

RULE_VERSION = 3
"""The version of the rules by which comments are quoted, for the manifest."""

SHORTEST, BEST, LONGEST = 30, 130, 280
_SENTENCE_END = re.compile(r"[.!?؟。！？…\n](?:(?<!\n)[\"'”’»)\]]*\s+|(?<=\n)\n*)")
"""A full stop and the space after it, or ends of lines. It begins with one set of characters: four times as quick."""
MAX_SENTENCE = 300
_MARKED_SHARE = 3
"""Words are marked that so many times fewer comments point at than at the words with most, or more."""


class QuotableComment(NamedTuple):
    """A published comment that may be quoted. `copies`: submissions with the same words, itself included."""

    comment_id: int
    submission_id: int
    reference: str
    place: str
    stance: str
    body: str
    language: str
    name: str | None
    organisation: bool
    copies: int
    kind: str = ""  # of contributor
    turned: bool = False  # it seems to turn a sentence of a letter round


@lru_cache(maxsize=4096)
def quote_span(body: str) -> tuple[int, int]:
    """The range of the best run of whole sentences: about two lines.

    A text without a sentence short enough is cut at a word; the quote then ends with an ellipsis of ours outside it.

    >>> body = "Yes. Sixty per cent is below the level at which transmission falls. Set eighty."
    >>> body[slice(*quote_span(body))]
    'Yes. Sixty per cent is below the level at which transmission falls. Set eighty.'
    """
    sounded, places = drop_silent_with_offsets(body)
    start, end = _best(sounded)
    return (places[start], places[end - 1] + 1) if start < end else (start, end)


def _best(body: str) -> tuple[int, int]:
    runs = [(end - start, start, end) for start, end in _runs(_sentences(body)) if end - start <= LONGEST]
    if not runs:
        return _cut(body)
    _rank, start, end = min(((length < SHORTEST, abs(length - BEST)), start, end) for length, start, end in runs)
    return start, end


def _sentences(body: str) -> list[tuple[int, int]]:
    ends = [0, *(found.end() for found in _SENTENCE_END.finditer(body)), len(body)]
    found = []
    for start, end in pairwise(ends):
        sentence = body[start:end]
        if sentence.strip():
            lead = len(sentence) - len(sentence.lstrip())
            found.append((start + lead, start + len(sentence.rstrip())))
    return found


def _runs(sentences: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Each sentence, and each with the one or two after it."""
    return [
        (sentences[first][0], sentences[last][1])
        for first in range(len(sentences))
        for last in range(first, min(first + 3, len(sentences)))
    ]


def _cut(body: str) -> tuple[int, int]:
    start = len(body) - len(body.lstrip())
    if len(body.strip()) <= LONGEST:
        return start, start + len(body.strip())
    space = body.rfind(" ", start + BEST, start + LONGEST)
    return start, space if space > 0 else start + LONGEST


def build_quote(words: QuotableComment, at: tuple[int, int] | None = None) -> Quote:
    """The quote of a comment: where it stands, and the hash of the whole comment, by which the words are proved.

    The words and the name are not in it: they are read where they are kept, so what is erased there is gone here.
    """
    start, end = at or quote_span(words.body)
    return Quote(
        cut=bool(drop_silent(words.body[end:]).strip()),
        start=start,
        end=end,
        comment=words.comment_id,
        submission=words.submission_id,
        reference=words.reference,
        sha256=sha256(words.body.encode()).hexdigest(),
        language=words.language,
        organisation=words.organisation,
        stance=words.stance,
        copies=words.copies,
    )


def choose_quotes(candidates: Sequence[QuotableComment], places: Sequence[str]) -> Mapping[str, list[Quote]]:
    """One quote for each stance at each place, places in the order given; who was quoted least comes first.

    Words under `SHORTEST` characters are quoted only where there is nothing else.
    """
    used: Counter[int] = Counter()
    by_place: dict[str, dict[str, list[QuotableComment]]] = {}
    for words in candidates:
        if drop_silent(words.body).strip():  # of lines drawn with the tatweel alone there is no word to quote
            by_place.setdefault(words.place, {}).setdefault(words.stance, []).append(words)
    chosen: dict[str, list[Quote]] = {}
    for place in places:
        for _stance, spoken in sorted(by_place.get(place, {}).items()):
            best = min(spoken, key=lambda words: _rank(words, used))
            used[best.submission_id] += 1
            chosen.setdefault(place, []).append(build_quote(best))
    return chosen


def _rank(words: QuotableComment, used: Counter[int]) -> tuple[bool, bool, int, bool, bool, int, int]:
    start, end = quote_span(words.body)
    return (
        words.turned,
        words.copies > 1,
        used[words.submission_id],
        end - start < SHORTEST,
        not words.organisation,
        abs(end - start - BEST),
        words.comment_id,
    )


def mark_sentence(place: str, text: str, anchors: Sequence[Anchor]) -> MarkedSentence | None:
    """The sentence of the draft with most comments on its words; None where none is on words that stand in the text.

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
    marked = [depth[start + at] * _MARKED_SHARE >= most for at in range(len(words.removesuffix("…")))]
    return MarkedSentence(place=place, text=words, spans=tuple(_marked_runs(marked)))


def _marked_runs(marked: Sequence[bool]) -> list[tuple[int, int]]:
    """Where a row of marks begins and ends."""
    found, start = [], None
    for at, here in enumerate([*marked, False]):
        if here and start is None:
            start = at
        elif not here and start is not None:
            found.append((start, at))
            start = None
    return found
