"""Fingerprints: 64-bit marks of five words in a row, thinned by winnowing so that long shared runs always match.

Each function is one numpy pass over the bytes of a batch of texts, without a loop over words. Marks are stored, so the
rule has a version; a changed rule needs a new version, or stored marks would match wrongly. Source: Schleimer,
Wilkerson, Aiken, Winnowing, SIGMOD 2003.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from consult.analysis.text.normalise import normal_form, split_unspaced

MARK_RULE = 1
"""The version of the rule in this file, stored with every mark."""

GRAM_SIZE = 5
WINDOW = 4
Marks = NDArray[np.uint64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_BYTE_BASE = 0x9E3779B97F4A7C15
_WORD_BASE = 0xD6E8FEB86659FD93
_SLICE = 1 << 20
_ROWS = 20_000
_PORTION = 120_000
_SPACE, _BREAK = 0x20, 0x0A


@dataclass(frozen=True, slots=True)
class RaggedArray:
    """Rows of different lengths in one array: row `i` is `values[starts[i]:starts[i + 1]]`."""

    values: Marks
    starts: Ints

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> Marks:
        return self.values[self.starts[row] : self.starts[row + 1]]

    def sizes(self) -> Ints:
        return np.diff(self.starts)

    def owners(self) -> Ints:
        """Return the row that each value belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.sizes())


def join_rows(rows: Sequence[Marks]) -> RaggedArray:
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    return RaggedArray(np.concatenate(rows) if rows else np.empty(0, np.uint64), starts)


def concatenate_rows(pieces: Sequence[RaggedArray]) -> RaggedArray:
    starts = np.zeros(sum(map(len, pieces)) + 1, dtype=np.int64)
    np.cumsum(np.concatenate([np.empty(0, np.int64), *(piece.sizes() for piece in pieces)]), out=starts[1:])
    values = [piece.values[piece.starts[0] : piece.starts[-1]] for piece in pieces]
    return RaggedArray(np.concatenate([np.empty(0, np.uint64), *values]), starts)


def select_rows(marks: RaggedArray, rows: Ints) -> RaggedArray:
    """Return some rows of a ragged array in the given order."""
    sizes = marks.sizes()[rows]
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(sizes, out=starts[1:])
    values = np.empty(starts[-1], dtype=np.uint64)
    for first in range(0, len(rows), _ROWS):
        some = slice(first, first + _ROWS)
        begin, end = starts[first], starts[min(first + _ROWS, len(rows))]
        shift = np.repeat(marks.starts[rows[some]] - starts[:-1][some], sizes[some])
        values[begin:end] = marks.values[np.arange(begin, end) + shift]
    return RaggedArray(values, starts)


def replace_rows(rows: RaggedArray, at: Ints, others: RaggedArray) -> RaggedArray:
    """Return the rows with those at the given places replaced."""
    places = np.arange(len(rows))
    places[at] = len(rows) + np.arange(len(at))
    return select_rows(concatenate_rows([rows, others]), places)


def repeated_marks(values: Marks) -> Marks:
    """Return the marks that occur more than once, ascending."""
    ordered = np.sort(values)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


def keep_marks(rows: RaggedArray, keys: Marks) -> RaggedArray:
    """Keep the marks of each row that are among the keys (ascending)."""
    return _filter_marks(rows, _is_among(rows, keys))


def drop_marks(rows: RaggedArray, keys: Marks) -> RaggedArray:
    """Drop the marks of each row that are among the keys (ascending)."""
    return _filter_marks(rows, ~_is_among(rows, keys))


def _is_among(rows: RaggedArray, keys: Marks) -> Flags:
    """Return which values are among the keys, in slices to limit memory."""
    found = np.empty(len(rows.values), dtype=np.bool_)
    for start in range(0, len(found), _SLICE):
        found[start : start + _SLICE] = find_slots(rows.values[start : start + _SLICE], keys)[1]
    return found


def _filter_marks(rows: RaggedArray, kept: Flags) -> RaggedArray:
    upto = np.zeros(len(kept) + 1, dtype=np.int32)
    np.cumsum(kept, out=upto[1:])
    return RaggedArray(rows.values[kept], upto[rows.starts].astype(np.int64))


def find_slots(values: Marks, keys: Marks) -> tuple[Ints, Flags]:
    """Return for each value its slot in the ascending keys, and whether it is really there."""
    if not len(keys):
        return np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=np.bool_)
    slots = np.minimum(np.searchsorted(keys, values), len(keys) - 1)
    return slots, keys[slots] == values


def word_hashes(normals: Sequence[str]) -> RaggedArray:
    """Return a 64-bit hash of each word of each normal form (already `split_unspaced`)."""
    pieces = [_word_hashes(normals[first:last]) for first, last in _portions(normals)]
    if len(pieces) == 1:
        return pieces[0]
    starts = np.zeros(len(normals) + 1, dtype=np.int64)
    if pieces:
        np.cumsum(np.concatenate([piece.sizes() for piece in pieces]), out=starts[1:])
    return RaggedArray(np.concatenate([np.empty(0, np.uint64), *(piece.values for piece in pieces)]), starts)


def _portions(normals: Sequence[str]) -> list[tuple[int, int]]:
    """Return ranges of neighbouring texts whose size fits the processor's cache."""
    portions = []
    first = size = 0
    for number, normal in enumerate(normals):
        if size and size + len(normal) > _PORTION:
            portions.append((first, number))
            first, size = number, 0
        size += len(normal) + 1
    return [*portions, (first, len(normals))] if normals else []


def _word_hashes(normals: Sequence[str]) -> RaggedArray:
    raw = np.frombuffer("\n".join(normals).encode() + b"\n", dtype=np.uint8)
    ends = np.flatnonzero(raw <= _SPACE)
    begins = np.empty_like(ends)
    begins[0] = 0
    begins[1:] = ends[:-1] + 1
    powers, inverses = _powers(1 << max(18, (len(raw) + 1).bit_length()))
    sums = np.zeros(len(raw) + 1, dtype=np.uint64)
    np.cumsum(np.multiply(raw, powers[: len(raw)], dtype=np.uint64), dtype=np.uint64, out=sums[1:])
    hashes = _mix((sums[ends] - sums[begins]) * inverses[begins] + (ends - begins).astype(np.uint64))
    last = raw[ends] == _BREAK
    real = ends > begins
    counts = np.bincount((np.cumsum(last) - last)[real], minlength=len(normals))
    starts = np.zeros(len(normals) + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    return RaggedArray(hashes[real], starts)


def mark_grams(hashes: RaggedArray) -> tuple[Marks, Flags]:
    """Return a mark of the five words that begin at each word, and whether all five are in the same row."""
    values = hashes.values
    marks = np.zeros(len(values), dtype=np.uint64)
    whole = np.zeros(len(values), dtype=np.bool_)
    if len(values) < GRAM_SIZE:
        return marks, whole
    count = len(values) - GRAM_SIZE + 1
    total = values[:count].copy()
    for step in range(1, GRAM_SIZE):
        total = total * np.uint64(_WORD_BASE) + values[step : step + count]
    marks[:count] = _mix(total)
    owners = hashes.owners()
    whole[:count] = owners[:count] == owners[GRAM_SIZE - 1 :]
    return marks, whole


def mark_words(hashes: RaggedArray, shape: Sequence[int]) -> tuple[Marks, Flags]:
    """Return a mark of the words at the given distances from each word, and whether all are in the same row."""
    values, reach = hashes.values, max(shape)
    marks = np.zeros(len(values), dtype=np.uint64)
    whole = np.zeros(len(values), dtype=np.bool_)
    count = len(values) - reach
    if count <= 0:
        return marks, whole
    total = np.full(count, np.uint64(sum(1 << step for step in shape)), dtype=np.uint64)
    for step in shape:
        total = total * np.uint64(_WORD_BASE) + values[step : step + count]
    marks[:count] = _mix(total)
    owners = hashes.owners()
    whole[:count] = owners[:count] == owners[reach:]
    return marks, whole


def winnow(hashes: RaggedArray) -> RaggedArray:
    """Return the thinned marks of each row, distinct and ascending: the smallest of every four neighbouring ones.

    A row of fewer than five words has none. A row of fewer than eight keeps its smallest.
    """
    marks, whole = mark_grams(hashes)
    owners = hashes.owners()[whole]
    kept = marks[whole]
    chosen = np.zeros(len(kept), dtype=np.bool_)
    if len(kept) >= WINDOW:
        count = len(kept) - WINDOW + 1
        windows = np.lib.stride_tricks.sliding_window_view(kept, WINDOW)
        at = np.arange(count) + np.argmin(windows, axis=1)
        chosen[at[owners[:count] == owners[WINDOW - 1 :]]] = True
    _keep_shortest(chosen, kept, owners)
    return distinct_rows(kept[chosen], owners[chosen], len(hashes))


def hash_words(texts: Iterable[str]) -> RaggedArray:
    """Return the hashes of the words of each text."""
    return word_hashes([split_unspaced(normal_form(text)) for text in texts])


def fingerprint_texts(texts: Iterable[str]) -> RaggedArray:
    """Return the marks of each text."""
    return winnow(hash_words(texts))


def fingerprint_text(text: str) -> Marks:
    """Return the marks of one text.

    >>> one = fingerprint_text("we ask you to keep the rule that protects farm workers today")
    >>> two = fingerprint_text("My own words. We ask you to keep the rule that protects farm workers, today!")
    >>> set(one.tolist()) <= set(two.tolist())
    True
    """
    return fingerprint_texts([text])[0]


def _keep_shortest(chosen: Flags, kept: Marks, owners: Ints) -> None:
    """Keep the smallest mark of rows with fewer marks than a window."""
    if not len(kept):
        return
    rows, firsts, counts = np.unique(owners, return_index=True, return_counts=True)
    for first, count in zip(firsts[counts < WINDOW], counts[counts < WINDOW], strict=True):
        chosen[first + int(np.argmin(kept[first : first + count]))] = True
    del rows


def distinct_rows(marks: Marks, owners: Ints, rows: int) -> RaggedArray:
    """Group marks by row, distinct and ascending."""
    order = np.lexsort((marks, owners))
    marks, owners = marks[order], owners[order]
    new = np.ones(len(marks), dtype=np.bool_)
    new[1:] = (marks[1:] != marks[:-1]) | (owners[1:] != owners[:-1])
    starts = np.zeros(rows + 1, dtype=np.int64)
    np.cumsum(np.bincount(owners[new], minlength=rows), out=starts[1:])
    return RaggedArray(marks[new], starts)


def _mix(values: Marks) -> Marks:
    """Apply the finaliser of SplitMix64, which mixes the bits of each value."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@lru_cache(maxsize=2)
def _powers(size: int) -> tuple[Marks, Marks]:
    """Return powers of an odd base modulo 2^64, and of its inverse, to hash any slice from running sums."""
    inverse = pow(_BYTE_BASE, -1, 1 << 64)
    return _ladder(_BYTE_BASE, size), _ladder(inverse, size)


def _ladder(base: int, size: int) -> Marks:
    steps = np.full(size, np.uint64(base), dtype=np.uint64)
    steps[0] = 1
    return np.cumprod(steps, dtype=np.uint64)
