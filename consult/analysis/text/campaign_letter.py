"""A campaign's letter, prepared for word-by-word alignment with comments, including moved sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from consult.analysis.text.fingerprints import GRAM_SIZE, Flags, Ints, Marks, RaggedArray, mark_grams, word_hashes
from consult.analysis.text.normalise import normal_form, split_unspaced
from consult.analysis.text.quotations import find_quotations
from consult.analysis.text.spans import SENTENCE_END, word_spans

_JUMP = 8


@dataclass(frozen=True, slots=True)
class CampaignLetter:
    """A campaign's text, its words and their positions, and an index of five-word sequences that occur once."""

    text: str
    words: list[str]
    spans: list[tuple[int, int]]
    hashes: Marks
    keys: Marks
    places: Ints
    ends: list[bool]
    """For each word, True if a sentence or line ends after it."""
    ours: Flags
    """For each word, True if it is the letter's: all, unless every available copy contains words of its sender."""
    strangers: int
    """The number of words that are not the letter's."""
    name_slots: set[int] = field(default_factory=set, compare=False)
    """The words before which senders put their names, as far as is known."""

    @classmethod
    def of(cls, text: str, ours: Flags | None = None) -> CampaignLetter:
        normal = split_unspaced(normal_form(text))
        hashes = word_hashes([normal])
        marks, whole = mark_grams(hashes)
        keys, first, counts = np.unique(marks[whole], return_index=True, return_counts=True)
        once = counts == 1
        places = np.flatnonzero(whole)[first[once]].astype(np.int64)
        mask = np.ones(len(hashes.values), dtype=np.bool_) if ours is None else ours
        where = word_spans(text)
        return cls(
            text,
            normal.split(),
            where,
            hashes.values,
            keys[once],
            places,
            _sentence_ends(text, where),
            mask,
            int(np.count_nonzero(~mask)),
        )


def locate_words(letter: CampaignLetter, comments: RaggedArray) -> Ints:
    """Return for each word of each comment (word hashes, row after row) its position in the letter, or -1.

    Anchors are sequences of five words that occur once in the letter. They grow in both directions while the words
    match, so that moved sentences are found.
    """
    marks, whole = mark_grams(comments)
    found = np.full(len(comments.values), -1, dtype=np.int64)
    if not len(letter.keys) or not len(marks):
        return found
    at = np.minimum(np.searchsorted(letter.keys, marks), len(letter.keys) - 1)
    hits = np.flatnonzero(whole & (letter.keys[at] == marks))
    starts = letter.places[at[hits]]
    for step in range(GRAM_SIZE):
        found[hits + step] = starts + step
    owners = comments.owners()
    _extend_runs(letter, comments.values, owners, found, 1)
    _extend_runs(letter, comments.values, owners, found, -1)
    return found


def _extend_runs(letter: CampaignLetter, hashes: Marks, owners: Ints, found: Ints, step: int) -> None:
    """Extend runs of placed words to neighbours that are neighbours in the letter too, until nothing changes."""
    size, length = len(found), len(letter.hashes)
    edge = np.flatnonzero(found >= 0) + step
    while len(edge):
        edge = edge[(edge >= 0) & (edge < size)]
        edge = edge[(found[edge] < 0) & (owners[edge] == owners[edge - step])]
        places = found[edge - step] + step
        inside = (places >= 0) & (places < length)
        edge, places = edge[inside], places[inside]
        same = letter.hashes[places] == hashes[edge]
        edge, places = edge[same], places[same]
        found[edge] = places
        edge = edge + step


@dataclass(frozen=True, slots=True)
class LetterOverlap:
    """The overlap of each comment with the letter: shares of the comment and of the letter, and number of words."""

    of_comment: np.ndarray
    of_letter: np.ndarray
    words: Ints


def measure_overlap(letter: CampaignLetter, comments: RaggedArray, found: Ints) -> LetterOverlap:
    """Return for each comment the shares of it and of the letter that were located, and how many of its words."""
    rows = len(comments)
    owners = comments.owners()
    hit = found >= 0
    placed = np.bincount(owners[hit], minlength=rows)
    pairs = np.unique(owners[hit] * len(letter.words) + found[hit])
    reached = np.bincount(pairs // max(1, len(letter.words)), minlength=rows)
    sizes = np.maximum(1, comments.sizes())
    return LetterOverlap(placed / sizes, reached / max(1, len(letter.words)), placed.astype(np.int64))


def is_mostly_quoted(text: str, found: Sequence[int]) -> bool:
    """Return True if the letter's words in a text are in quotation marks, next to words of its own.

    `found` is this text's row of `locate_words`. A comment that quotes a letter to reply to it is not a copy.
    """
    quotes = find_quotations(text)
    if not quotes:
        return False
    own = 0
    inside: set[int] = set()
    outside: set[int] = set()
    for (start, end), at in zip(word_spans(text), found, strict=True):
        quoted = any(left <= start and end <= right for left, right in quotes)
        if at < 0:
            own += not quoted
        else:
            (inside if quoted else outside).add(at)
    # What is said outside in words that are quoted too is the language of the subject, not a signature.
    return own >= 4 and len(inside) >= 8 and len(inside) >= 4 * len(outside - inside)


def is_stitched(places: Ints) -> bool:
    """Return True if the letter's words come from scattered positions, hardly more than a clause from each."""
    placed = np.flatnonzero(places >= 0)
    jumps = np.abs(np.diff(places[placed]) - np.diff(placed)) > _JUMP
    return len(placed) < _JUMP * (1 + int(np.count_nonzero(jumps)))


def has_own_sentences(letter: CampaignLetter) -> bool:
    """Return True if at least two sentences are the letter's own. A single shared sentence may be a common saying."""
    whole = start = 0
    for word, ends in enumerate(letter.ends):
        if ends:
            ours = int(np.count_nonzero(letter.ours[start : word + 1]))
            whole += ours >= 4 and ours >= 0.8 * (word + 1 - start)
            start = word + 1
    return whole >= 2


def _sentence_ends(text: str, where: Sequence[tuple[int, int]]) -> list[bool]:
    """Return for each word whether a sentence or line ends between it and the next. True for the last word."""
    flags = [SENTENCE_END.search(text, left[1], right[0]) is not None for left, right in pairwise(where)]
    return [*flags, True] if where else []
