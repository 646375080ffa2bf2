"""Selection of a digest's quotes: whole sentences, verbatim, with positions. Also the sentence of the draft to mark.

Pure functions. Individual comments come before copies; lines recognised as names, greetings or addresses are left out.
Quotes are spread over authors. Ties are resolved by the comment's ID, so the same comments give the same quotes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from consult.analysis.text.kept_words import keep_words
from consult.core.text import drop_silent, drop_silent_with_offsets, excerpt
from consult.digests.content.rows import MarkedSentence, Quote
from consult.submissions.anchors.selectors import Anchor, sentence_spans

RULE_VERSION = 4
"""The version of the rules for quotes, for the manifest."""

SHORTEST, BEST, LONGEST = 30, 130, 280
_SENTENCE_END = re.compile(r"[.!?؟。！？…\n](?:(?<!\n)[\"'”’»)\]]*\s+|(?<=\n)\n*)")
"""The end of a sentence with the following spaces, or line ends.

It starts with a character set, which makes it four times faster.
"""
MAX_SENTENCE = 300
_MARKED_SHARE = 3
"""Words are marked if they have at least one comment for this many on the most commented words."""


class QuotableComment(NamedTuple):
    """A published comment that may be quoted.

    `copies` is the number of submissions with the same words, including itself.
    """

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
    kind: str = ""  # kind of contributor


@lru_cache(maxsize=4096)
def quote_span(body: str) -> tuple[int, int]:
    """Return the range of the best run of whole sentences, about two lines.

    Empty if there are only names, greetings and addresses. A text without a sentence that is short enough is cut
    between words; the quote is then followed by our ellipsis.

    >>> body = "Yes. Sixty per cent is below the level at which transmission falls. Set eighty."
    >>> body[slice(*quote_span(body))]
    'Yes. Sixty per cent is below the level at which transmission falls. Set eighty.'
    """
    sounded, places = drop_silent_with_offsets(keep_words(body))
    sentences = [(places[start], places[end - 1] + 1) for start, end in _sentences(sounded)]
    runs = [(end - start, start, end) for start, end in _runs(body, sentences) if end - start <= LONGEST]
    if not runs:
        return _cut(body, sentences[0][0]) if sentences else (0, 0)
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


def _runs(body: str, sentences: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield each sentence, alone and with the one or two that follow without excluded lines in between."""
    for first, (start, end) in enumerate(sentences):
        yield start, end
        for following, last in sentences[first + 1 : first + 3]:
            if drop_silent(body[end:following]).strip():
                break
            end = last
            yield start, end


def _cut(body: str, start: int) -> tuple[int, int]:
    """Return the first words of a sentence that is too long."""
    space = body.rfind(" ", start + BEST, start + LONGEST)
    return start, space if space > 0 else start + LONGEST


def has_words(words: QuotableComment) -> bool:
    """Return True if the comment has words to quote, not only a name or decorative lines."""
    start, end = quote_span(words.body)
    return start < end


def build_quote(words: QuotableComment, at: tuple[int, int] | None = None) -> Quote:
    """Return the quote of a comment: its position, and the hash of the whole comment as proof of the words.

    It does not contain the words and the author's name. They are read where they are stored, so that erasure takes
    effect here too.
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
    """Return one quote for each type on each part of the draft.

    In the order of the draft, preferring authors quoted least. Texts under `SHORTEST` characters are quoted only if
    there is nothing else.
    """
    used: Counter[int] = Counter()
    by_place: dict[str, dict[str, list[QuotableComment]]] = {}
    for words in candidates:
        if has_words(words):
            by_place.setdefault(words.place, {}).setdefault(words.stance, []).append(words)
    chosen: dict[str, list[Quote]] = {}
    for place in places:
        for _stance, spoken in sorted(by_place.get(place, {}).items()):
            best = min(spoken, key=lambda words: _rank(words, used))
            used[best.submission_id] += 1
            chosen.setdefault(place, []).append(build_quote(best))
    return chosen


def _rank(words: QuotableComment, used: Counter[int]) -> tuple[bool, int, bool, bool, int, int]:
    start, end = quote_span(words.body)
    return (
        words.copies > 1,
        used[words.submission_id],
        end - start < SHORTEST,
        not words.organisation,
        abs(end - start - BEST),
        words.comment_id,
    )


def mark_sentence(place: str, text: str, anchors: Sequence[Anchor]) -> MarkedSentence | None:
    """Return the sentence of the draft with most comments on its words, or None.

    Comments whose quoted words differ from the text are ignored.

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
            return None  # whitespace was normalised, so positions differ
    marked = [depth[start + at] * _MARKED_SHARE >= most for at in range(len(words.removesuffix("…")))]
    return MarkedSentence(place=place, text=words, spans=tuple(_marked_runs(marked)))


def _marked_runs(marked: Sequence[bool]) -> list[tuple[int, int]]:
    """Return the start and end of each run of True."""
    found, start = [], None
    for at, here in enumerate([*marked, False]):
        if here and start is None:
            start = at
        elif not here and start is not None:
            found.append((start, at))
            start = None
    return found
