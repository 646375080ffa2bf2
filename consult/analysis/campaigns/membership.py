"""Campaign membership: decides by shared fingerprints whether a text belongs to a known letter.

Similarity of whole texts misses a letter with a long personal paragraph, and merges letters if its threshold is
lowered. *Containment* of the letter finds such copies. This module knows nothing about storage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from consult.analysis.text.alignment import measure_shares
from consult.analysis.text.campaign_letter import (
    CampaignLetter,
    is_mostly_quoted,
    is_stitched,
    locate_words,
    measure_overlap,
)
from consult.analysis.text.fingerprints import Flags, Ints, Marks, RaggedArray, find_slots, join_rows, word_hashes
from consult.analysis.text.normalise import normal_form, split_unspaced

_WHOLE = 4
"""The number of a letter's own fingerprints, about fifteen words, that prove that it is contained."""
MIN_VERSION_SHARE = 0.6
"""Letters that share this fraction of fingerprints are versions of one letter."""
_EDGES = 2
"""Winnowing may keep different fingerprints at either edge of a letter, depending on the surrounding text."""


@dataclass(frozen=True, slots=True)
class LetterVotes:
    """The letter that shares most fingerprints with each text (-1 if none), and their number.

    `torn` is True if the text also contains another letter, in whole or nearly.
    """

    letter: Ints
    shared: Ints
    torn: Flags


def near_best(most: Ints) -> Ints:
    """Return how many shared fingerprints are as good as the most.

    A letter may contain another one, as a reply does. It can then share one or two more fingerprints with a text that
    only puts something before the contained letter.
    """
    good: Ints = most - np.minimum(_EDGES, most // 5)
    return good


class LetterIndex:
    """An index of the fingerprints of known letters, to match batches of texts."""

    def __init__(self, cores: Sequence[Marks], owners: Sequence[int] = ()) -> None:
        """Build the index. `owners` gives the campaign of each core; a campaign may have several versions."""
        table = join_rows(cores)
        self._cores = cores
        self._owners = np.array(owners or range(len(cores)), dtype=np.int64)
        order = np.argsort(table.values, kind="stable")
        self.sizes: Ints = table.sizes()
        self._letters: Ints = table.owners()[order]
        self._keys, self._firsts, self._counts = np.unique(table.values[order], return_index=True, return_counts=True)

    def vote(self, texts: RaggedArray) -> LetterVotes:
        """Return the best letter of each text. Ties are resolved by the smaller core, then the earlier letter."""
        best = np.full(len(texts), -1, dtype=np.int64)
        shared = np.zeros(len(texts), dtype=np.int64)
        torn = np.zeros(len(texts), dtype=np.bool_)
        if not len(self._keys):
            return LetterVotes(best, shared, torn)
        rows, letters, counts = self._tally(texts)
        most = np.zeros(len(texts), dtype=np.int64)
        np.maximum.at(most, rows, counts)
        order = np.lexsort((letters, self.sizes[letters], counts < near_best(most)[rows], rows))
        rows, letters, counts = rows[order], letters[order], counts[order]
        first = np.ones(len(rows), dtype=np.bool_)
        first[1:] = rows[1:] != rows[:-1]
        best[rows[first]] = letters[first]
        shared[rows[first]] = counts[first]
        strong = (counts >= _WHOLE) & (counts >= 0.8 * self.sizes[letters])
        for at in np.flatnonzero(strong & (self._owners[letters] != self._owners[best[rows]])).tolist():
            row = int(rows[at])
            if not torn[row]:
                torn[row] = self._holds_both(texts[row], int(best[row]), int(letters[at]))
        return LetterVotes(best, shared, torn)

    def _holds_both(self, text: Marks, one: int, other: int) -> bool:
        """Return True if the text contains most of the fingerprints that distinguish the two letters."""
        for left, right in ((one, other), (other, one)):
            own = np.setdiff1d(self._cores[left], self._cores[right], assume_unique=True)
            if len(own) < _WHOLE or np.isin(own, text).sum() < 0.8 * len(own):
                return False
        return True

    def _tally(self, texts: RaggedArray) -> tuple[Ints, Ints, Ints]:
        at, there = find_slots(texts.values, self._keys)
        hit = np.flatnonzero(there)
        at = at[hit]
        times = self._counts[at]
        rows = np.repeat(texts.owners()[hit], times)
        steps = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
        letters = self._letters[np.repeat(self._firsts[at], times) + steps]
        keys, counts = np.unique(rows * len(self.sizes) + letters, return_counts=True)
        return keys // len(self.sizes), keys % len(self.sizes), counts


def is_version(letter: CampaignLetter, text: str, *, rare: bool) -> bool:
    """Return True if a frequent text is a version of a more frequent letter, and not a letter of its own.

    It is a version in three cases. Both texts share most of their words. Or the text is a fair part of the letter and
    little else. Or it is `rare` (few copies compared with the letter) and mostly the letter, with words that a few
    people added by chance.
    """
    share, kept = measure_shares(letter, [text])[0]
    return (
        (share >= MIN_VERSION_SHARE and kept >= MIN_VERSION_SHARE)
        or (share >= 0.8 and kept >= 0.25)
        or (rare and kept >= 0.8)
    )


def clear_members(shared: Ints, core: Ints, own: Ints) -> Flags:
    """Return texts that are mostly the letter and contain half of it, so that their words need not be compared."""
    return (shared >= 4) & (2 * shared >= core) & (shared >= MIN_VERSION_SHARE * own)


def possible_members(shared: Ints, core: Ints, own: Ints) -> Flags:
    """Return texts that share enough fingerprints with a letter to compare their words."""
    alike = (own <= 1.5 * core) & (core <= 1.5 * own)  # changes every few words leave hardly any fingerprint intact
    return (shared >= 1) & ((shared >= np.where(alike, 0.1, 0.25) * core) | (shared >= 0.4 * own) | (shared >= 12))


def match_members(letter: CampaignLetter, texts: Sequence[str]) -> Flags:
    """Return whether each text belongs to the letter, judged by its words.

    Two shares count: how much of the letter the text holds, and how much of the text is letter. A text that contains
    the whole letter belongs however much it adds. A text that is all letter belongs however much it omits. In between,
    the shares must add up to a threshold. A letter in quotation marks next to the author's own words is a reply;
    scattered phrases are only the vocabulary of the subject.
    """
    rows = word_hashes([split_unspaced(normal_form(text)) for text in texts])
    found = locate_words(letter, rows)
    held = measure_overlap(letter, rows, found)
    yes: Flags = (held.of_letter + held.of_comment >= 1) & (held.of_letter >= 0.2) & (held.words >= 8)
    yes |= (held.of_comment >= MIN_VERSION_SHARE) & (held.words >= 20)
    quoted = np.zeros(len(yes), dtype=np.bool_)
    for row in np.flatnonzero(yes & (held.of_comment < 0.9)).tolist():
        places = found[rows.starts[row] : rows.starts[row + 1]]
        quoted[row] = is_mostly_quoted(texts[row], places.tolist())
        yes[row] = not quoted[row] and not is_stitched(places)
    near = np.flatnonzero(
        ~yes & ~quoted & (held.words >= 5) & _similar_length(rows.sizes(), len(letter.words))
    ).tolist()
    for row, (share, kept) in zip(near, measure_shares(letter, [texts[row] for row in near]), strict=True):
        yes[row] = share + kept >= 1.2
    return yes


def match_replies(letter: CampaignLetter, texts: Sequence[str]) -> Flags:
    """Return which texts contain the letter in quotation marks next to words of their own."""
    rows = word_hashes([split_unspaced(normal_form(text)) for text in texts])
    found = locate_words(letter, rows)
    return np.array(
        [
            is_mostly_quoted(text, found[rows.starts[row] : rows.starts[row + 1]].tolist())
            for row, text in enumerate(texts)
        ],
        dtype=np.bool_,
    )


def _similar_length(sizes: Ints, size: int) -> Flags:
    """Return which texts have a length at which they can be the letter with a change every few words."""
    return (sizes <= 2 * size) & (2 * sizes >= size)
