"""Detection of letters that nobody sent unchanged, by shared fingerprints among ungrouped texts.

A mail merge puts a name or a town in every copy, so no text occurs five times. Two texts are a pair if they share ten
fingerprints and half of those of the smaller one. The core of a letter consists of the fingerprints that half of a
text's pairs share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from consult.analysis.campaigns.membership import MIN_VERSION_SHARE
from consult.analysis.kinds import MIN_COPIES
from consult.analysis.text.fingerprints import Flags, Ints, Marks, RaggedArray, find_slots, keep_marks, repeated_marks

PAIR = 10
_POSTINGS = 400
"""The maximum number of texts looked up per fingerprint, which is enough to find groups."""


@dataclass(frozen=True, slots=True)
class UnsentLetter:
    """A core, the text that represents the letter, and the texts from which it was found."""

    leader: int
    core: Marks
    founders: Ints


class MarkPostings:
    """An inverted index from each fingerprint that at least two texts share to those texts, in rank order."""

    def __init__(self, texts: RaggedArray) -> None:
        self.texts = keep_marks(texts, repeated_marks(texts.values))
        order = np.argsort(self.texts.values, kind="stable")
        self._owners = np.repeat(np.arange(len(texts), dtype=np.int32), self.texts.sizes())[order]
        ordered = self.texts.values[order]
        del order
        self.keys, self._firsts, self._counts = np.unique(ordered, return_index=True, return_counts=True)

    def slots(self, marks: Marks) -> Ints:
        """Return the positions of fingerprints in `keys`. Those that no other text has are left out."""
        slots, there = find_slots(marks, self.keys)
        found: Ints = slots[there]
        return found

    def company(self, marks: Marks, limit: int | None = None) -> tuple[Ints, Ints]:
        """Return the texts that have any of the fingerprints, and the number that each has.

        `limit` is the number of texts looked at for each fingerprint.
        """
        pieces = []
        for slot in self.slots(marks).tolist():
            count = int(self._counts[slot])
            first = int(self._firsts[slot])
            pieces.append(self._owners[first : first + (min(count, limit) if limit else count)])
        if not pieces:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        texts, counts = np.unique(np.concatenate(pieces), return_counts=True)
        return texts.astype(np.int64), counts

    def leaders(self, own: Ints, least: int = PAIR - 2, share: float = 0.3) -> list[int]:
        """Return the first texts with fingerprints that later texts share, most followed first, to try as letters.

        `own` is the number of fingerprints of each text, shared or not. A follower shares at least `least` of them, and
        at least `share` of the smaller text.
        """
        firsts = np.repeat(self._owners[self._firsts], self._counts)
        later = self._owners != firsts
        size = max(1, len(own))
        pairs, shared = np.unique(self._owners[later].astype(np.int64) * size + firsts[later], return_counts=True)
        smaller = np.minimum(own[pairs // size], own[pairs % size])
        strong = (shared >= least) & (shared >= share * smaller)
        leaders, followers = np.unique(pairs[strong] % size, return_counts=True)
        order = np.lexsort((leaders, -followers))
        return [int(leader) for leader in leaders[order]]


def find_letters(texts: RaggedArray, copies: Ints) -> Iterator[UnsentLetter]:
    """Yield letters among texts given in rank order, most followed first. Each founder is used once."""
    postings = MarkPostings(texts)
    sizes = texts.sizes()
    free = np.ones(len(texts), dtype=np.bool_)
    for leader in postings.leaders(sizes):
        if not free[leader]:
            continue
        found = _try_leader(postings, sizes, free, leader)
        if found is not None and copies[found.founders].sum() >= MIN_COPIES:
            free[found.founders] = False
            yield found


def _try_leader(postings: MarkPostings, sizes: Ints, free: Flags, leader: int) -> UnsentLetter | None:
    company, shared = postings.company(postings.texts[leader], _POSTINGS)
    partners = free[company] & (shared >= PAIR) & (2 * shared >= np.minimum(sizes[company], sizes[leader]))
    members = company[partners]
    if len(members) < 2:
        return None
    core = _core(postings.texts, members[:_POSTINGS])
    if len(core) < PAIR:
        return None
    # Campaign seeds consist mainly of letter text. A submission that only shares a stock phrase has more text of its
    # own.
    holders, held = postings.company(core)
    joined = free[holders] & (held >= 0.5 * len(core)) & (held >= MIN_VERSION_SHARE * sizes[holders])
    founders = holders[joined]
    if leader not in founders:
        return None
    return UnsentLetter(_most_typical(founders, held[joined], sizes), core, founders)


def _core(texts: RaggedArray, members: Ints) -> Marks:
    marks, counts = np.unique(np.concatenate([texts[row] for row in members]), return_counts=True)
    core: Marks = marks[2 * counts >= len(members)]
    return core


def _most_typical(founders: Ints, held: Ints, sizes: Ints) -> int:
    """Return the founder with most of the core and the least text of its own. Ties go to the first in rank."""
    return int(founders[np.lexsort((founders, sizes[founders], -held))[0]])
