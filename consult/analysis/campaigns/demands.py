"""What a letter asks: its sentences that ask for something, word for word; without any, how it begins. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from consult.analysis.text.demands import find_demands
from consult.analysis.text.sentences import split_sentences
from consult.core.text import normalise

MOST_DEMANDS = 12
"""Demands of one letter that are told: one that asks for more is read in full."""
Span = tuple[int, int]


@lru_cache(maxsize=512)
def list_demands(letter: str) -> tuple[Span, ...]:
    """The ranges of what a letter asks, each sentence once, in its order.

    >>> letter = "I grow apples. Please stop the changes. Please stop the changes! We ask you to fund clinics."
    >>> [letter[start:end] for start, end in list_demands(letter)]
    ['Please stop the changes.', 'We ask you to fund clinics.']
    """
    found: dict[str, Span] = {}
    for start, end in find_demands(letter):
        found.setdefault(normalise(letter[start:end]), (start, end))
    return tuple(found.values())[:MOST_DEMANDS]


@lru_cache(maxsize=512)
def find_opening(letter: str) -> Span | None:
    """The range of the first sentence; None where there is none.

    >>> letter = " I grow apples. I like it."
    >>> letter[slice(*find_opening(letter))]
    'I grow apples.'
    """
    first = next(iter(split_sentences(letter)), None)
    return (first.start, first.end) if first else None


def keep_outside(found: Sequence[Span], added: Sequence[Span]) -> list[Span]:
    """The ranges that touch none of the others: of a copy with changes, what is the letter's and not its sender's.

    >>> keep_outside([(0, 9), (10, 19)], [(8, 10)])
    [(10, 19)]
    """
    return [(start, end) for start, end in found if not any(one < end and start < other for one, other in added)]
