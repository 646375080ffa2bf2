"""Campaign membership: whether a text belongs to a known letter, by the fingerprints it shares with the letter's core.

Similarity of whole texts misses "letter and a long personal paragraph" and fuses letters when its threshold is
lowered; *containment* of the letter finds it. Nothing here knows where letters or marks are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from consult.analysis.campaigns.letters import (
    CampaignLetter,
    is_mostly_quoted,
    is_stitched,
    locate_words,
    measure_overlap,
)
from consult.analysis.text.alignment import measure_shares
from consult.analysis.text.fingerprints import Flags, Ints, Marks, RaggedArray, find_slots, join_rows, word_hashes
from consult.analysis.text.normalise import normal_form, split_unspaced

_WHOLE = 4
"""So many marks of a letter's own, some fifteen words, tell that it is there."""
MIN_VERSION_SHARE = 0.6
"""Two letters with this share of marks in common are versions of one."""
_EDGES = 2
"""Which marks winnowing keeps at either edge of a letter depends on what stands beside it there."""


@dataclass(frozen=True, slots=True)
class LetterVotes:
    """For each text the letter it shares most marks with (-1 if none), how many they share, and whether it holds
    another letter as well, whole or nearly."""

    letter: Ints
    shared: Ints
    torn: Flags


def near_best(most: Ints) -> Ints:
    """How many shared marks are as good as the most: one that holds another letter, as an answer to it does, may win
    a mark or two at the edges from a text that only puts something before that letter."""
    good: Ints = most - np.minimum(_EDGES, most // 5)
    return good


class LetterIndex:
    """The marks of known letters, indexed: what a batch of texts is voted against."""

    def __init__(self, cores: Sequence[Marks], owners: Sequence[int] = ()) -> None:
        """`owners`: which campaign each is of; of one campaign there may be several versions."""
        table = join_rows(cores)
        self._cores = cores
        self._owners = np.array(owners or range(len(cores)), dtype=np.int64)
        order = np.argsort(table.values, kind="stable")
        self.sizes: Ints = table.sizes()
        self._letters: Ints = table.owners()[order]
        self._keys, self._firsts, self._counts = np.unique(table.values[order], return_index=True, return_counts=True)

    def vote(self, texts: RaggedArray) -> LetterVotes:
        """The best letter of each text; of those about as good, the smaller core, then the earlier letter."""
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
        """Whether a text holds most of what two letters do not have in common."""
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
    """Whether a text sent often is a version of a letter sent more often, and not a letter of its own.

    They have most of both in common, or the text is a fair part of the letter and little else, or it is the letter
    with words that by chance a few people added alike (`rare`: hardly anyone beside the letter's number).
    """
    share, kept = measure_shares(letter, [text])[0]
    return (
        (share >= MIN_VERSION_SHARE and kept >= MIN_VERSION_SHARE)
        or (share >= 0.8 and kept >= 0.25)
        or (rare and kept >= 0.8)
    )


def clear_members(shared: Ints, core: Ints, own: Ints) -> Flags:
    """Texts that are mostly the letter and hold half of it: no need to look at the words."""
    return (shared >= 4) & (2 * shared >= core) & (shared >= MIN_VERSION_SHARE * own)


def possible_members(shared: Ints, core: Ints, own: Ints) -> Flags:
    """Texts that share enough with a letter for the words to decide."""
    alike = (own <= 1.5 * core) & (core <= 1.5 * own)  # a change every few words leaves hardly a mark whole
    return (shared >= 1) & ((shared >= np.where(alike, 0.1, 0.25) * core) | (shared >= 0.4 * own) | (shared >= 12))


def match_members(letter: CampaignLetter, texts: Sequence[str]) -> Flags:
    """Whether each text belongs to the letter, by the words: what it holds of the letter and what it is made of.

    A text that holds all of the letter belongs however much it adds, one that is all letter belongs however much it
    leaves out, and in between the two shares must reach one together. A letter within quotation marks, beside words
    of one's own, is an answer to it; turns of phrase from all over it are only the language of the subject.
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
    """Which texts hold the letter in quotation marks, beside words of their own."""
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
    """Texts that may be the letter with a change every few words, by their length."""
    return (sizes <= 2 * size) & (2 * sizes >= size)
