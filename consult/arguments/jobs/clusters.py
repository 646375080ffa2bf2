"""Clustering of statements that make the same point: tight groups first, which are then merged.

Pure functions. Tight groups come from average linkage. The statements then form a graph of nearest neighbours. Groups
are merged as long as more edges lie within them than expected by chance (modularity). The number of groups therefore
follows from the statements. Source: Clauset, Newman and Moore, Finding community structure in very large networks,
2004; the resolution is of Reichardt and Bornholdt, 2006.

Statements are sorted by a key that does not depend on their arrival, so a shuffled input gives the same groups. Blocks
have a bounded size: after the first, statements join the group they are near to, and the others form the next block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from consult.arguments.jobs.positions import WIDTH, Position, split_opposed
from consult.arguments.jobs.vectors import Floats

RULE = 2
"""The version of the rules in this file."""
_FEWER = 3.0
_NEIGHBOURS, _PART = 10, 4
"""The number of nearest neighbours of each statement, and the maximum as a fraction of few statements."""
_RESOLUTION = 1.5
"""The factor by which the edges between two groups must exceed those expected by chance.

Above 1 gives smaller groups, which people can merge.
"""
_HALF = 0.5
"""A statement joins a group if it is half as similar to its statements as they are to each other."""
_OPPOSED = 0.0005
"""The product of two positions, below zero, from which they are opposed rather than rounded."""
MERGE = 0.65
"""The minimum cosine of the means of two groups suggested as one."""
OFFERED = 3
"""The maximum number of suggested merges per group."""
BLOCK = 1_200
"""The number of statements compared with each other at a time. The cost of a block is its square."""
Square = NDArray[np.float64]


@dataclass(frozen=True)
class Limits:
    """Minimum average similarities: of an initial group, of neighbours, and of a member with the rest of its group."""

    near: float
    edge: float
    stay: float


_WORDS, _MEANING = Limits(0.10, 0.05, 0.02), Limits(0.36, 0.15, 0.08)
_HIGHEST = Limits(0.35, 0.35, 0.35)


def likeness_limits(size: int, *, mixed: bool = False) -> Limits:
    """Return the limits for this number of statements.

    They are higher for few statements, where one shared word means little. `mixed` is True if similarity includes
    meaning.

    >>> [round(likeness_limits(size).near, 2) for size in (5, 30, 300)]
    [0.35, 0.2, 0.11]
    """
    more = _FEWER / max(1, size)
    if mixed:
        return Limits(_MEANING.near, *(min(_MEANING.near, least + more) for least in (_MEANING.edge, _MEANING.stay)))
    return Limits(*(min(_HIGHEST.near, least + more) for least in (_WORDS.near, _WORDS.edge, _WORDS.stay)))


def group_statements(
    vectors: Floats, order: Sequence[bytes], limits: Limits, positions: Sequence[Position]
) -> list[list[int]]:
    """Return groups of statement indices, largest first. Each statement is in exactly one.

    Statements with opposite positions are put in different groups.
    """
    left = np.array(sorted(range(len(order)), key=lambda number: order[number]), dtype=np.int64)
    found: list[list[int]] = []
    while len(left):
        block, left = left[:BLOCK], left[BLOCK:]
        fresh = [block[members].tolist() for members in _group_block(vectors[block], limits)]
        if len(left):
            left = _join_groups(vectors, fresh, left, limits)
        found += fresh
    parts = [part for members in found for part in split_opposed(positions, members)]
    return sorted(parts, key=lambda members: (-len(members), order[members[0]]))


def find_nearest(vectors: Floats, centres: Floats, limits: Limits) -> list[int | None]:
    """Return for each statement the group to whose statements it is most similar on average, or None.

    Ties go to the first group. A group whose position is opposite to that of the statement is not considered. A centre
    is the mean of the vectors of its statements. Its product with a vector is the average similarity; with itself, that
    of its statements.
    """
    if not len(centres) or not len(vectors):
        return [None] * len(vectors)
    likeness = vectors @ centres.T
    likeness[vectors[:, -WIDTH:] @ centres[:, -WIDTH:].T < -_OPPOSED] = -np.inf
    best = likeness.argmax(axis=1)
    least = np.maximum(limits.stay, _HALF * (centres**2).sum(axis=1))
    enough = likeness[np.arange(len(best)), best] >= least[best]
    return [int(number) if ok else None for number, ok in zip(best, enough, strict=True)]


def suggest_merges(centres: Floats, near: float) -> dict[tuple[int, int], float]:
    """Return pairs of groups that may make the same point, with the cosine of their mean vectors.

    At most `OFFERED` for each group, without groups of opposite positions. Only the first `BLOCK` groups are compared.
    """
    asked = centres[:BLOCK, -WIDTH:]
    lengths = np.linalg.norm(centres[:BLOCK], axis=1, keepdims=True)
    directions = centres[:BLOCK] / np.where(lengths > 0, lengths, 1)
    likeness = np.asarray(directions @ directions.T, dtype=np.float64)
    likeness[asked @ asked.T < -_OPPOSED] = -np.inf
    np.fill_diagonal(likeness, -np.inf)
    merges: dict[tuple[int, int], float] = {}
    for one, likes in enumerate(likeness):
        for other in np.argsort(-likes, kind="stable")[:OFFERED].tolist():
            if likes[other] >= near:
                merges[min(one, other), max(one, other)] = round(float(likes[other]), 4)
    return merges


def _join_groups(vectors: Floats, fresh: list[list[int]], left: np.ndarray, limits: Limits) -> np.ndarray:
    """Add remaining statements to near groups of several, compared with their initial members.

    Return those near none.
    """
    several = [members for members in fresh if len(members) > 1]
    if not several:
        return left
    centres = np.stack([vectors[members].mean(axis=0) for members in several])
    places = find_nearest(vectors[left], centres, limits)
    for number, place in zip(left.tolist(), places, strict=True):
        if place is not None:
            several[place].append(number)
    return left[[place is None for place in places]]


def _group_block(vectors: Floats, limits: Limits) -> list[list[int]]:
    likeness = (vectors @ vectors.T).astype(np.float64)
    groups = _average_linkage(likeness, limits.near)
    groups = _merge_by_edges(_neighbour_graph(likeness, limits.edge), groups)
    return [part for members in groups for part in _drop_strangers(likeness, members, limits.stay)]


def _neighbour_graph(likeness: Square, least: float) -> Square:
    """Return the similarities of statements that are among each other's nearest neighbours, and 0 elsewhere."""
    size = len(likeness)
    others = likeness.copy()
    np.fill_diagonal(others, -np.inf)
    most = min(_NEIGHBOURS, max(1, size // _PART))
    known = np.zeros_like(likeness, dtype=bool)
    nearest = np.argsort(-others, axis=1, kind="stable")[:, :most]
    known[np.arange(size)[:, None], nearest] = True
    return np.where((known | known.T) & (others >= least), others, 0.0)


def _merge_by_edges(graph: Square, groups: list[list[int]]) -> list[list[int]]:
    """Merge the two groups with the highest gain until no merge gains."""
    groups = [list(members) for members in groups]
    if not graph.any():
        return groups
    put = np.zeros((len(groups), len(graph)))
    for number, members in enumerate(groups):
        put[number, members] = 1
    between = put @ graph @ put.T
    between /= between.sum()
    share = between.sum(axis=1)
    np.fill_diagonal(between, 0)
    gain = np.where(between > 0, between - _RESOLUTION * np.outer(share, share), -np.inf)
    while True:
        one, other = sorted(divmod(int(gain.argmax()), len(groups)))
        if gain[one, other] <= 0:
            return [members for members in groups if members]
        groups[one] += groups[other]
        groups[other] = []
        share[one], share[other] = share[one] + share[other], 0
        row = between[one] + between[other]
        row[[one, other]] = 0
        between[one], between[:, one] = row, row
        between[other], between[:, other] = 0, 0
        row = np.where(row > 0, row - _RESOLUTION * share[one] * share, -np.inf)
        gain[one], gain[:, one] = row, row
        gain[other], gain[:, other] = -np.inf, -np.inf


def _drop_strangers(likeness: Square, members: list[int], least: float) -> list[list[int]]:
    """Return the group without members too dissimilar to the rest, followed by these as single groups."""
    if len(members) == 1:
        return [members]
    inside = likeness[np.ix_(members, members)]
    rest = (inside.sum(axis=1) - inside.diagonal()) / (len(members) - 1)
    stay = [number for number, alike in zip(members, rest, strict=True) if alike >= least]
    gone = [[number] for number, alike in zip(members, rest, strict=True) if alike < least]
    return [stay, *gone] if stay else gone


def _average_linkage(given: Square, near: float) -> list[list[int]]:
    """Merge the two most similar groups by average linkage until the similarity is below `near`."""
    size = len(given)
    likeness = given.copy()
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
