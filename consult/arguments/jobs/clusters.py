"""Clusters of similar statements: average linkage in blocks of bounded size, so that the cost grows with their number.

Pure. Statements are sorted by a key that does not depend on their arrival, so a shuffled input gives the same clusters.
After the first block, statements join the nearest cluster if they are near enough; the others form the next block.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from consult.arguments.jobs.vectors import Floats

RULE = 1
"""The version of this file's rules."""
NEAR, _FEWER, _MOST = 0.10, 3.0, 0.35
"""How alike, on average, the statements of two groups must be to be one, where there are many; and how much more so
where there are few, of which a single word that two share tells little."""
_MIXED = 0.29
"""How alike where likeness is also of what is meant, however many there are: any two statements of one matter have some
of that, and in two languages they have nothing else."""
MERGE = 0.5
"""From what cosine of their means two groups are suggested as one."""
OFFERED = 3
"""Merges that are suggested of one group."""
BLOCK = 1_200
"""How many statements are compared with each other at once: the square of it is what a block costs."""


def likeness_threshold(size: int, *, mixed: bool = False) -> float:
    """How alike statements must be where there are so many.

    >>> [round(likeness_threshold(size), 2) for size in (5, 30, 300)]
    [0.35, 0.2, 0.11]
    """
    return _MIXED if mixed else min(_MOST, NEAR + _FEWER / max(1, size))


def group_statements(vectors: Floats, order: Sequence[bytes], near: float) -> list[list[int]]:
    """The numbers of like statements together, largest groups first; each statement is in exactly one."""
    left = np.array(sorted(range(len(order)), key=lambda number: order[number]), dtype=np.int64)
    found: list[list[int]] = []
    while len(left):
        block, left = left[:BLOCK], left[BLOCK:]
        fresh = [block[members].tolist() for members in _average_linkage(vectors[block], near)]
        if len(left):
            left = _join_groups(vectors, fresh, left, near)
        found += fresh
    return sorted(found, key=lambda members: (-len(members), order[members[0]]))


def find_nearest(vectors: Floats, centres: Floats, near: float) -> list[int | None]:
    """For each statement the group whose statements it is on average most like, if near enough; ties go to the first.

    A centre is the mean of the vectors of its statements, so its product with a vector is the average likeness.
    """
    if not len(centres) or not len(vectors):
        return [None] * len(vectors)
    likeness = vectors @ centres.T
    best = likeness.argmax(axis=1)
    enough = likeness[np.arange(len(best)), best] >= near
    return [int(number) if ok else None for number, ok in zip(best, enough, strict=True)]


def suggest_merges(centres: Floats, near: float) -> dict[tuple[int, int], float]:
    """Pairs of groups that may make one point, by their numbers, with the cosine of their mean vectors.

    At most `OFFERED` for each group. The first `BLOCK` groups are compared.
    """
    lengths = np.linalg.norm(centres[:BLOCK], axis=1, keepdims=True)
    directions = centres[:BLOCK] / np.where(lengths > 0, lengths, 1)
    likeness = np.asarray(directions @ directions.T, dtype=np.float64)
    np.fill_diagonal(likeness, -np.inf)
    found: dict[tuple[int, int], float] = {}
    for one, likes in enumerate(likeness):
        for other in np.argsort(-likes, kind="stable")[:OFFERED].tolist():
            if likes[other] >= near:
                found[min(one, other), max(one, other)] = round(float(likes[other]), 4)
    return found


def _join_groups(vectors: Floats, fresh: list[list[int]], left: np.ndarray, near: float) -> np.ndarray:
    """Puts what is left into groups of several that it is near to, as these stood at first; gives what is near none."""
    several = [members for members in fresh if len(members) > 1]
    if not several:
        return left
    centres = np.stack([vectors[members].mean(axis=0) for members in several])
    places = find_nearest(vectors[left], centres, near)
    for number, place in zip(left.tolist(), places, strict=True):
        if place is not None:
            several[place].append(number)
    return left[[place is None for place in places]]


def _average_linkage(vectors: Floats, near: float) -> list[list[int]]:
    """Average linkage down to `near`. The likest two groups become one until none are near enough."""
    size = len(vectors)
    likeness = (vectors @ vectors.T).astype(np.float64)
    np.fill_diagonal(likeness, -np.inf)
    members = [[number] for number in range(size)]
    best = likeness.argmax(axis=1)
    top = likeness[np.arange(size), best]
    for _merger in range(size - 1):
        one = int(top.argmax())
        if top[one] < near:
            break
        one, other = sorted((one, int(best[one])))
        a, b = len(members[one]), len(members[other])
        row = (a * likeness[one] + b * likeness[other]) / (a + b)
        row[[one, other]] = -np.inf
        likeness[one], likeness[:, one] = row, row
        likeness[other], likeness[:, other] = -np.inf, -np.inf
        members[one] += members[other]
        members[other] = []
        stale = np.flatnonzero((best == one) | (best == other) | (row > top))
        for number in {*stale.tolist(), one}:
            best[number] = likeness[number].argmax()
            top[number] = likeness[number, best[number]]
        top[other] = -np.inf
    return [each for each in members if each]
