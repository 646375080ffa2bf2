"""The table of arguments by category, with small numbers hidden. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.digests.content.groups import CONTRIBUTOR_KINDS

LETTER = "letter"
"""The category of copies of a campaign letter, with or without added words. They are in no other."""
ORGANISATION, PERSON, UNNAMED = "organisation", "person", "unnamed"
CATEGORIES = (ORGANISATION, PERSON, UNNAMED, LETTER)
KINDS = (*CONTRIBUTOR_KINDS, LETTER)
"""Categories with organisations by type, as in the exported table."""
IDENTIFYING = frozenset((PERSON, UNNAMED))
"""Categories of people, whose small numbers could identify somebody. Organisations and letters are public."""


@dataclass(frozen=True)
class ArgumentCells:
    """The number of submissions with an argument, by category. None means hidden."""

    argument: int
    total: int
    cells: Mapping[str, int | None]


def merge_kinds(counts: Mapping[str, int]) -> dict[str, int]:
    """Convert counts by contributor kind to counts by category.

    >>> merge_kinds({"ngo": 2, "youth": 1, "person": 4})
    {'organisation': 3, 'person': 4, 'unnamed': 0, 'letter': 0}
    """
    merged = {name: counts.get(name, 0) for name in CATEGORIES}
    merged[ORGANISATION] = sum(n for kind, n in counts.items() if kind not in (PERSON, UNNAMED, LETTER))
    return merged


def hide_small(argument: int, counts: Mapping[str, int], columns: Sequence[str], k: int) -> ArgumentCells:
    """Hide counts of 1 to `k - 1` people, and another one if subtraction would reveal a single hidden count.

    >>> hide_small(1, {"organisation": 3, "person": 9, "unnamed": 2}, CATEGORIES, 5).cells
    {'organisation': None, 'person': 9, 'unnamed': None, 'letter': 0}
    >>> hide_small(1, {"person": 4, "unnamed": 2}, CATEGORIES, 5).cells
    {'organisation': 0, 'person': None, 'unnamed': None, 'letter': 0}
    """
    cells: dict[str, int | None] = {name: counts.get(name, 0) for name in columns}
    small = [name for name in columns if name in IDENTIFYING and 0 < counts.get(name, 0) < k]
    if len(small) == 1:
        others = sorted((counts.get(name, 0) == 0, counts.get(name, 0), name) for name in columns if name not in small)
        small += [name for _none, _n, name in others[:1]]
    cells |= dict.fromkeys(small)
    return ArgumentCells(argument, sum(counts.get(name, 0) for name in columns), cells)
