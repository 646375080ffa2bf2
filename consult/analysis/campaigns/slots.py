"""Alignment of the texts of a group: the words that most have in the same order, and the texts between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import LCSseq

from consult.analysis.text.fingerprints import Flags, Ints, Marks

_MOST = 0.6
_RUN = 2
_NEARLY_ALL = 0.8
"""The share of the group that must have a word standing alone, because single words agree by chance."""


def find_fixed_words(leader: Marks, others: Sequence[Marks]) -> Flags:
    """Return which words of a text most of its group has in the same order: at least two in a row, or nearly all."""
    words, seen = leader.tolist(), np.zeros(len(leader), dtype=np.int64)
    together = seen.copy()
    for other in others:
        for start, _at, size in _list_runs(words, other.tolist()):
            seen[start : start + size] += 1
            together[start : start + size] += size >= _RUN
    fixed: Flags = together >= _MOST * len(others)
    for start, end in list_true_runs(fixed):
        fixed[start:end] = end - start >= _RUN
    fixed |= seen >= _NEARLY_ALL * len(others)
    return fixed


def place_words(backbone: Marks, text: Marks) -> Ints:
    """Return the position in a text of each word of the backbone, or -1."""
    places = np.full(len(backbone), -1, dtype=np.int64)
    for start, at, size in _list_runs(backbone.tolist(), text.tolist()):
        places[start : start + size] = np.arange(at, at + size)
    return places


def list_true_runs(flags: Flags) -> list[tuple[int, int]]:
    """Return the maximal runs of True as `[start, end)`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0])))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def list_fillings(fixed: Flags, places: Ints) -> list[tuple[int, int] | None]:
    """Return for each slot between two fixed passages the words `[start, end)` of a text that fill it.

    None if the text lacks one of the passages. `places` are the positions of the backbone's words.
    """
    fillings: list[tuple[int, int] | None] = []
    at = 0
    for start, end in list_true_runs(fixed)[:-1]:
        at += end - start
        before, after = int(places[at - 1]), int(places[at])
        fillings.append((before + 1, after) if before >= 0 and after >= 0 else None)
    return fillings


def _list_runs(one: list[int], other: list[int]) -> list[tuple[int, int, int]]:
    """Return runs of words that two texts share in the same order: position in each, and length."""
    steps = LCSseq.opcodes(one, other)
    return [(step.src_start, step.dest_start, step.src_end - step.src_start) for step in steps if step.tag == "equal"]
