"""Detection of groups of texts that are nearer to each other than texts of independent people are.

Two texts composed of the same phrases share many pairs of neighbouring words in the same order, though rarely five
words in a row. The similarity of two texts is the number of word pairs shared in the same order, divided by the number
of pairs in either. A text is dense if at least `MIN_NEAR` texts are near it. Dense texts that are near each other form
a group, with the texts near them (DBSCAN). Ester, Kriegel, Sander, Xu, A density-based algorithm for discovering
clusters, KDD 1996.

The limit of nearness does not come from the file itself. It was set on texts that independent people wrote about one
subject; `docs/benchmarks.md` has the share of such texts that is marked. Each text is compared only with the first
texts that have one of its word pairs. So the cost grows with the number of texts, not of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq

from consult.analysis.text.fingerprints import Ints, Marks, RaggedArray, distinct_rows, mark_words, select_rows

MIN_GROUP = 8
"""The minimum number of texts in a group. Fewer are people who read the same letter."""
MIN_NEAR = 4
"""The number of near texts that make a text dense: the k of the k-th nearest neighbour."""
_NEAR = 0.13
"""The similarity above which two texts are near. Of independent texts, the fourth nearest has .07 at most."""
_FROM_STOCK = 0.8
"""The share of its word pairs that the median text of a group shares with others of it."""
_IN_ORDER = 0.75
"""The share of the common word pairs that must be in the same order. Sentences that people reuse freely are not."""
_PLACES = 5
"""The number of separate places with common words. A quotation, or the title of a draft, is one place."""
_WORDS = 20
"""Texts with fewer words are not compared: a common phrase would be most of them."""
_EVERY = 2
"""One word pair in this many is looked up, the same ones in every text. Texts of up to `_SHORT` words look up all."""
_SHORT = 60
_HEADS = 12
"""The number of texts looked up for a word pair."""
_COMPARED = 8
"""The number of candidates of a text that are compared word by word."""
_LOOKED_AT = 200
"""The number of texts of a group that are looked at for its stock of phrases."""
_ROWS = 20_000
"""The number of texts whose candidates are counted at a time, which limits memory."""
_PAIR = (0, 1)
_SURROGATES, _SURROGATE_COUNT, _CHARACTERS = 0xD800, 0x800, 0x10F800
"""Unicode: the first code that is no character, the number of such codes, and the number of characters."""


@dataclass(frozen=True, slots=True)
class NearGroup:
    """A group: the rows of its texts, the row with most near texts, and the known group that it continues, or -1."""

    leader: int
    members: Ints
    known: int = -1


def find_near_groups(texts: RaggedArray, known: Sequence[int] = ()) -> list[NearGroup]:
    """Return the groups among texts (word hashes) in rank order, the largest first.

    `known` has for the first rows the number of the group that they are known to belong to. A group that contains such
    a row continues it, however small.
    """
    first, second = _find_near_pairs(texts)
    size = len(texts)
    degree = np.bincount(first, minlength=size) + np.bincount(second, minlength=size)
    dense = degree >= MIN_NEAR
    dense[: len(known)] = True
    root = _join(size, first[dense[first] & dense[second]], second[dense[first] & dense[second]], known)
    border = dense[first] != dense[second]
    inner = np.where(dense[first], first, second)[border]
    outer = np.where(dense[first], second, first)[border]
    for text, near in zip(outer[::-1].tolist(), inner[::-1].tolist(), strict=True):
        root[text] = root[near]  # the first pair is applied last
    groups = [group for group in _list_groups(root, degree, known) if group.known >= 0 or _is_stock(texts, group)]
    return sorted(groups, key=lambda group: (-len(group.members), group.leader))


def _is_stock(texts: RaggedArray, group: NearGroup) -> bool:
    """Return True if most texts of a group consist almost entirely of word pairs that others of it have too."""
    rows = select_rows(texts, group.members[:_LOOKED_AT])
    marks, whole = mark_words(rows, _PAIR)
    pairs = distinct_rows(marks[whole], rows.owners()[whole], len(rows))
    _, slots, counts = np.unique(pairs.values, return_inverse=True, return_counts=True)
    shared = np.bincount(pairs.owners(), weights=counts[slots] > 1, minlength=len(rows))
    return bool(np.median(shared / np.maximum(1, pairs.sizes())) >= _FROM_STOCK)


def _list_groups(root: Ints, degree: Ints, known: Sequence[int]) -> Iterator[NearGroup]:
    order = np.argsort(root, kind="stable")
    edges = np.flatnonzero(np.diff(root[order])) + 1
    for members in np.split(order, edges):
        number = known[members[0]] if len(members) and members[0] < len(known) else -1
        if len(members) >= MIN_GROUP or (number >= 0 and len(members) > 1):
            yield NearGroup(int(members[np.argmax(degree[members])]), members, number)


def _join(size: int, first: Ints, second: Ints, known: Sequence[int]) -> Ints:
    """Return for each row the smallest row that it is connected with. Rows of one known group are connected."""
    root = list(range(size))

    def find(row: int) -> int:
        while root[row] != row:
            root[row] = root[root[row]]
            row = root[row]
        return row

    leaders: dict[int, int] = {}
    same = [(row, leaders.setdefault(number, row)) for row, number in enumerate(known)]
    for one, other in [*same, *zip(first.tolist(), second.tolist(), strict=True)]:
        low, high = sorted((find(one), find(other)))
        if high >= len(known) or known[low] == known[high]:  # two known groups stay apart
            root[high] = low
    return np.array([find(row) for row in range(size)], dtype=np.int64)


def _find_near_pairs(texts: RaggedArray) -> tuple[Ints, Ints]:
    """Return pairs of near rows, each pair once. The search from a row ends after `MIN_NEAR` near rows."""
    marks, whole = mark_words(texts, _PAIR)
    sizes = texts.sizes()
    long = sizes >= _WORDS
    codes = _to_codes(marks)
    cache: dict[int, str] = {}

    def pairs_of(row: int) -> str:
        if row not in cache:
            begin, end = texts.starts[row], texts.starts[row + 1]
            cache[row] = codes[begin:end][whole[begin:end]].tobytes().decode("utf-32-le")
        return cache[row]

    first, second = [], []
    for row, others in _list_candidates(_sample_pairs(texts, marks, whole, long)):
        near = 0
        for other in others:
            if _is_near(pairs_of(row), pairs_of(other)):
                first.append(row)
                second.append(other)
                near += 1
                if near == MIN_NEAR:
                    break
    if not first:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    edges = np.unique(np.sort(np.array([first, second], dtype=np.int64), axis=0), axis=1)
    return edges[0], edges[1]


def _to_codes(marks: Marks) -> NDArray[np.uint32]:
    """Return marks as characters, which compare ten times faster than numbers. One in a million pairs collides."""
    codes = (marks % np.uint64(_CHARACTERS)).astype("<u4")
    return np.where(codes < _SURROGATES, codes, codes + _SURROGATE_COUNT).astype("<u4")


def _is_near(one: str, other: str) -> bool:
    least = max(_PLACES, ceil(_NEAR / (1 + _NEAR) * (len(one) + len(other))))
    held = LCSseq.similarity(one, other, score_cutoff=least)
    if held < least:
        return False
    common = set(one) & set(other)
    if held < _IN_ORDER * len(common):
        return False
    return sum(step.tag == "equal" for step in LCSseq.opcodes(one, other)) >= _PLACES


def _sample_pairs(texts: RaggedArray, marks: Marks, whole: np.ndarray, long: np.ndarray) -> RaggedArray:
    short = np.repeat(texts.sizes() <= _SHORT, texts.sizes())
    kept = whole & np.repeat(long, texts.sizes()) & (short | (marks % np.uint64(_EVERY) == 0))
    return distinct_rows(marks[kept], texts.owners()[kept], len(texts))


def _list_candidates(texts: RaggedArray) -> Iterator[tuple[int, list[int]]]:
    """Yield rows with the rows that seem near by sampled word pairs, at most `_COMPARED`, the nearest first."""
    order = np.argsort(texts.values, kind="stable")
    ordered = texts.values[order]
    owners = texts.owners()
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(ordered) else order
    counts = np.diff(np.append(starts, len(ordered)))
    slot = np.empty(len(ordered), dtype=np.int64)
    slot[order] = np.repeat(np.arange(len(starts)), counts)
    heads = np.minimum(counts, _HEADS)
    heads[counts < 2] = 0
    rows_at = owners[order]
    sizes = texts.sizes()
    for begin in range(0, len(texts), _ROWS):
        places = np.arange(texts.starts[begin], texts.starts[min(begin + _ROWS, len(texts))])
        yield from _count_shared(owners[places], slot[places], starts, heads, rows_at, sizes)


def _count_shared(
    rows: Ints, slots: Ints, starts: Ints, heads: Ints, rows_at: Ints, sizes: Ints
) -> Iterator[tuple[int, list[int]]]:
    repeats = heads[slots]
    total = int(repeats.sum())
    if not total:
        return
    upto = np.cumsum(repeats)
    at = np.arange(total) - np.repeat(upto - repeats, repeats) + np.repeat(starts[slots], repeats)
    asked, other = np.repeat(rows, repeats), rows_at[at]
    keys, shared = np.unique(asked[asked != other] * len(sizes) + other[asked != other], return_counts=True)
    asked, other = keys // len(sizes), keys % len(sizes)
    likely = shared >= 0.5 * _NEAR * (sizes[asked] + sizes[other] - shared)
    likely &= shared >= 2
    asked, other, shared = asked[likely], other[likely], shared[likely]
    best = np.lexsort((other, -shared, asked))
    asked, other = asked[best], other[best]
    firsts = np.flatnonzero(np.diff(asked, prepend=-1))
    for first, last in zip(firsts.tolist(), np.append(firsts[1:], len(asked)).tolist(), strict=False):
        yield int(asked[first]), other[first : min(last, first + _COMPARED)].tolist()
