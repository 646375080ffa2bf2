"""Word-by-word alignment of a comment with its letter, which leaves only the differences.

`letters.locate_words` finds whole passages; this module closes the gaps between them: single equal words, spelling
mistakes, short sentences that were moved. What remains are edits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from rapidfuzz.distance import OSA, Levenshtein

from consult.analysis.campaigns.letters import CampaignLetter, locate_words
from consult.analysis.text.fingerprints import Ints, word_hashes
from consult.analysis.text.normalise import normal_form, split_unspaced
from consult.analysis.text.polarity import CONTRACTION_STEMS, is_contrary
from consult.analysis.text.spans import word_spans

_MEETING = 8
_PASSAGE = 12
"""A run of so many words of the letter is the letter's however often it stands in a comment."""
_NEAR = 12
"""In a gap of more words than this on both sides, single words agree by chance."""
_ONES = re.compile(rb"\x01+")


@dataclass(frozen=True, slots=True)
class WordEdit:
    """Words `[a, b)` of the letter gave way to words `[c, d)` of the comment; either may be none."""

    a: int
    b: int
    c: int
    d: int


def measure_shares(letter: CampaignLetter, comments: Sequence[str]) -> list[tuple[float, float]]:
    """For each comment the share of its words that are the letter's, and the share of the letter's words it keeps.

    Finer than `letters.cover`: single words that agree between two changes count too.
    """
    found = []
    for laid in align_all(letter, comments):
        if laid is not None:
            laid.lay()
        found.append(laid.shares() if laid else (1.0, 1.0))
    return found


def align_all(letter: CampaignLetter, comments: Sequence[str]) -> Iterator[AlignedComment | None]:
    """Each comment laid against the letter; none where they are the same."""
    normals = [split_unspaced(normal_form(comment)) for comment in comments]
    rows = word_hashes(normals)
    found = locate_words(letter, rows)
    whole = np.arange(len(letter.words), dtype=np.int64)
    for row, comment in enumerate(comments):
        places = found[rows.starts[row] : rows.starts[row + 1]]
        same = len(places) == len(whole) and np.array_equal(places, whole)
        yield None if same else AlignedComment(letter, comment, normals[row].split(), places)


class AlignedComment:
    """One comment laid against its letter: `at` gives each word its place in the letter, or -1."""

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
        """Where each word of the comment stands."""
        return word_spans(self.comment)

    def lay(self) -> None:
        """Lays aside all that agrees."""
        for start, end in _runs(self.own):
            self._align(start, end)
        self._move()

    def shares(self) -> tuple[float, float]:
        """The shares of the comment and of the letter that agree."""
        return 1 - sum(self.own) / max(1, len(self.own)), 1 - sum(self.missing) / max(1, len(self.missing))

    def _align(self, start: int, end: int) -> None:
        """Agrees single words in a gap, and slips of spelling, with what the letter has in the same gap."""
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
        """Agrees misspelt words, and pairs with the space in the wrong place, from one end of a gap towards the other.

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
        """The words of the letter that are missing where the comment has `[start, end)`."""
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
        """Short sentences that were only moved: too short for an anchor, but the same words."""
        missing = {tuple(sorted(self.letter.words[a:b])): a for a, b in _runs(self.missing)}
        if not missing:
            return
        for start, end in _runs(self.own):
            old = missing.pop(tuple(sorted(self.words[start:end])), None)
            if old is not None:
                self._agree(old, start, end - start)

    def edits(self) -> list[WordEdit]:
        """Every change: words missing from the letter with what stands in their place, and words put in."""
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
        """Whether words that seem missing are there: two sentences begin alike, and one lent the other its words."""
        if old in (self.words[max(0, at - len(old)) : at], self.words[at : at + len(old)]):
            return True
        return len(old) > 2 and f" {' '.join(old)} " in f" {' '.join(self.words)} "

    def _after(self, a: int, b: int, runs: dict[int, int]) -> int:
        """Where in the comment words of the letter are missing: after the word before them, else before the next."""
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
        """The same change moved left to where a sentence begins, if it can be: "A b. A c." less "A b." is "A c."."""
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
    """Maximal runs of ones."""
    return [match.span() for match in _ONES.finditer(flags)]


def _drop_repeats(places: list[int]) -> list[int]:
    """Places with no word of the letter given twice, but where a whole passage of it stands twice.

    Where two runs meet the second has the word ("should not not be"); elsewhere the longer run has it.
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
    """Runs of words that follow each other in the letter too."""
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
    """Whether two words are one word, if need be misspelt: a stroke or two apart, and neither turns the other."""
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
