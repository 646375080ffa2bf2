"""Word-by-word alignment of a comment with its letter, which leaves only the differences.

`campaign_letter.locate_words` finds whole passages. This module closes the gaps between them: single equal words,
misspellings, short sentences that were moved. What remains are edits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from rapidfuzz.distance import OSA, Levenshtein

from consult.analysis.text.campaign_letter import CampaignLetter, locate_words
from consult.analysis.text.fingerprints import Ints, word_hashes
from consult.analysis.text.normalise import normal_form, split_unspaced
from consult.analysis.text.polarity import CONTRACTION_STEMS, is_contrary
from consult.analysis.text.spans import word_spans

_MEETING = 8
_PASSAGE = 12
"""A run of at least this many words of the letter is the letter's even if it is repeated in a comment."""
_NEAR = 12
"""In a gap with more words than this on both sides, single words match by chance."""
_ONES = re.compile(rb"\x01+")


@dataclass(frozen=True, slots=True)
class WordEdit:
    """Words `[a, b)` of the letter were replaced by words `[c, d)` of the comment. Either may be empty."""

    a: int
    b: int
    c: int
    d: int


def measure_shares(letter: CampaignLetter, comments: Sequence[str]) -> list[tuple[float, float]]:
    """Return for each comment the share of its words that are the letter's, and the share of the letter it keeps.

    More exact than `measure_overlap`: single words that match between two changes count too.
    """
    shares = []
    for laid in align_all(letter, comments):
        if laid is not None:
            laid.lay()
        shares.append(laid.shares() if laid else (1.0, 1.0))
    return shares


def align_all(letter: CampaignLetter, comments: Sequence[str]) -> Iterator[AlignedComment | None]:
    """Yield each comment aligned with the letter, or None if they are the same."""
    normals = [split_unspaced(normal_form(comment)) for comment in comments]
    rows = word_hashes(normals)
    found = locate_words(letter, rows)
    whole = np.arange(len(letter.words), dtype=np.int64)
    for row, comment in enumerate(comments):
        places = found[rows.starts[row] : rows.starts[row + 1]]
        same = len(places) == len(whole) and np.array_equal(places, whole)
        yield None if same else AlignedComment(letter, comment, normals[row].split(), places)


class AlignedComment:
    """A comment aligned with its letter: `at` maps each word to its position in the letter, or -1."""

    def __init__(self, letter: CampaignLetter, comment: str, words: list[str], places: Ints) -> None:
        self.letter = letter
        self.comment = comment
        self.words = words
        own = places < 0
        missing = letter.ours.copy()
        missing[places[~own]] = False
        once = len(places) - np.count_nonzero(own) == len(missing) - np.count_nonzero(missing) - letter.strangers
        self.at: list[int] = places.tolist() if once else _drop_repeats(places.tolist())
        self.own = bytearray(own.tobytes() if once else bytes(place_ < 0 for place_ in self.at))
        self.missing = bytearray(missing.tobytes())
        self.slips: set[int] = set()

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Return the character range of each word of the comment."""
        return word_spans(self.comment)

    def lay(self) -> None:
        """Match the words that located passages left out: words in the gaps, then short moved sentences."""
        for start, end in _runs(self.own):
            self._align(start, end)
        self._move()

    def shares(self) -> tuple[float, float]:
        """Return the matching shares of the comment and of the letter."""
        return 1 - sum(self.own) / max(1, len(self.own)), 1 - sum(self.missing) / max(1, len(self.missing))

    def _align(self, start: int, end: int) -> None:
        """Match single and misspelt words in a gap with the letter's words in the same gap."""
        a, b = self._missing_at(start, end)
        a, start = self._peel(a, b, start, end, 1)
        b, end = self._peel(b, a, end, start, -1)
        if a == b or start == end:
            return
        old, new = self.letter.words[a:b], self.words[start:end]
        near = min(len(old), len(new)) <= _NEAR
        for step in Levenshtein.opcodes(old, new):
            size = step.src_end - step.src_start
            if step.tag == "equal" and (near or size > 1):
                self._agree(a + step.src_start, start + step.dest_start, size)
            elif step.tag == "replace":
                for offset in range(size):
                    one, other = old[step.src_start + offset], new[step.dest_start + offset]
                    if _is_misspelling(one, other):
                        self._agree(a + step.src_start + offset, start + step.dest_start + offset, 1)

    def _peel(self, a: int, b: int, c: int, d: int, step: int) -> tuple[int, int]:
        """Match misspelt words, and pairs with a misplaced space, from one end of a gap towards the other.

        Forwards the gap is `[a, b)` against `[c, d)`; backwards `a` and `c` are its ends.
        """
        old, new = self.letter.words, self.words
        while a != b and c != d:
            left, right = (a, c) if step > 0 else (a - 1, c - 1)
            pair = old[left] != new[right] and min(abs(a - b), abs(c - d)) > 1
            if pair and _same_pair(old, new, min(left, left + step), min(right, right + step)):
                size = 2
            elif _is_misspelling(old[left], new[right]):
                size = 1
            else:
                break
            self._agree(min(left, left + step * (size - 1)), min(right, right + step * (size - 1)), size)
            a, c = a + step * size, c + step * size
        return a, c

    def _missing_at(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of the letter's missing words that corresponds to `[start, end)` of the comment."""
        length = len(self.letter.words)
        if start > 0 and self.at[start - 1] >= 0:
            a = b = self.at[start - 1] + 1
            while b < length and self.missing[b]:
                b += 1
            if b > a or end == len(self.at):
                return a, b
        a = b = self.at[end] if end < len(self.at) else length
        while a > 0 and self.missing[a - 1]:
            a -= 1
        return a, b

    def _agree(self, old: int, new: int, size: int) -> None:
        for offset in range(size):
            self.at[new + offset] = old + offset
            self.own[new + offset] = self.missing[old + offset] = 0
            if self.words[new + offset] != self.letter.words[old + offset]:
                self.slips.add(new + offset)

    def _move(self) -> None:
        """Match short sentences that were moved. They have the same words but are too short for an anchor."""
        missing = {tuple(sorted(self.letter.words[a:b])): a for a, b in _runs(self.missing)}
        if not missing:
            return
        for start, end in _runs(self.own):
            old = missing.pop(tuple(sorted(self.words[start:end])), None)
            if old is not None:
                self._agree(old, start, end - start)

    def edits(self) -> list[WordEdit]:
        """Return the changes: missing words of the letter with their replacement, and inserted words."""
        runs = dict(_runs(self.own))
        edits = []
        for a, b in _runs(self.missing):
            c = self._after(a, b, runs)
            if c not in runs and self._lent(self.letter.words[a:b], c):
                continue
            edits.append(self._slide(WordEdit(a, b, c, runs.pop(c, c))))
        for c, d in runs.items():
            a = self.at[c - 1] + 1 if c else (self.at[d] if d < len(self.at) else 0)
            edits.append(self._slide(WordEdit(a, a, c, d)))
        return edits

    def _lent(self, old: list[str], at: int) -> bool:
        """Return True if words that seem missing are there, and two sentences that begin alike were mismatched."""
        if old in (self.words[max(0, at - len(old)) : at], self.words[at : at + len(old)]):
            return True
        return len(old) > 2 and f" {' '.join(old)} " in f" {' '.join(self.words)} "

    def _after(self, a: int, b: int, runs: dict[int, int]) -> int:
        """Return the position where words of the letter are missing: after the word before, else before the next."""
        if a and a - 1 in self.at:
            c = self.at.index(a - 1) + 1
            if c in runs or b not in self.at:
                return c
        if b not in self.at:
            return 0
        d = self.at.index(b)
        for start, end in runs.items():
            if end == d:
                return start
        return d if not (a and a - 1 in self.at) else self.at.index(a - 1) + 1

    def _slide(self, edit: WordEdit) -> WordEdit:
        """Move an edit left to the start of a sentence if possible. “A b. A c.” without “A b.” is “A c.”."""
        old, new, ends = self.letter.words, self.words, self.letter.ends
        a, b, c, d = edit.a, edit.b, edit.c, edit.d
        if (a < b) == (c < d):
            return edit
        while a > 0 and c > 0 and not ends[a - 1] and self.at[c - 1] == a - 1:
            if (old[a - 1] != old[b - 1]) if a < b else (new[c - 1] != new[d - 1]):
                return edit
            a, b, c, d = a - 1, b - 1, c - 1, d - 1
        return WordEdit(a, b, c, d) if a == 0 or ends[a - 1] else edit


def _runs(flags: bytearray) -> list[tuple[int, int]]:
    """Return the maximal runs of ones."""
    return [match.span() for match in _ONES.finditer(flags)]


def _drop_repeats(places: list[int]) -> list[int]:
    """Return positions in which no word of the letter is used twice, except in whole passages that are repeated.

    Where two runs overlap the second keeps the word (“should not not be”); elsewhere the longer run keeps it.
    """
    for word in range(len(places) - 1):
        again = places[word] - places[word + 1]
        if 0 <= again < _MEETING and places[word + 1] >= 0:
            for twice in range(max(0, word - again), word + 1):
                places[twice] = -1
    taken: set[int] = set()
    for start, end in sorted(_passages(places), key=lambda run: (run[0] - run[1], run[0])):
        for word in range(start, end):
            if places[word] in taken and end - start < _PASSAGE:
                places[word] = -1
            else:
                taken.add(places[word])
    return places


def _passages(places: Sequence[int]) -> list[tuple[int, int]]:
    """Return runs of words that are consecutive in the letter too."""
    runs = []
    start = 0
    for word in range(1, len(places) + 1):
        if word == len(places) or places[word] != places[word - 1] + 1 or places[word - 1] < 0:
            if places[start] >= 0:
                runs.append((start, word))
            start = word
    return runs


def _same_pair(old: Sequence[str], new: Sequence[str], a: int, c: int) -> bool:
    return old[a] + old[a + 1] == new[c] + new[c + 1]


def _is_misspelling(one: str, other: str) -> bool:
    """Return True if two words are equal or differ by a typing error, and neither is the opposite of the other."""
    if one == other:
        return True
    if (
        min(len(one), len(other)) < 3
        or one.isdigit()
        or other.isdigit()
        or one in CONTRACTION_STEMS
        or other in CONTRACTION_STEMS
    ):
        return False
    strokes = 1 + (len(one) > 6)
    return bool(OSA.distance(one, other, score_cutoff=strokes) <= strokes) and not is_contrary([one], [other])
