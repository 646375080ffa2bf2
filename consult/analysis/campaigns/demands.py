"""Demands of a letter: its sentences that ask for something, verbatim, or its opening if there are none.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from consult.analysis.text.demands import find_demands
from consult.analysis.text.kept_words import keep_words
from consult.analysis.text.sentences import split_sentences
from consult.analysis.text.stopwords import is_stopword
from consult.core.text import normalise

MOST_DEMANDS = 12
"""The maximum number of demands listed. Readers open the letter for the rest."""
Span = tuple[int, int]


@lru_cache(maxsize=512)
def list_demands(letter: str) -> tuple[Span, ...]:
    """Return the character ranges of a letter's demands in order, each distinct sentence once.

    >>> letter = "I grow apples. Please stop the changes. Please stop the changes! We ask you to fund clinics."
    >>> [letter[start:end] for start, end in list_demands(letter)]
    ['Please stop the changes.', 'We ask you to fund clinics.']
    """
    demands: dict[str, Span] = {}
    for start, end in find_demands(keep_words(letter)):
        if not is_fragment(letter[start:end]):
            demands.setdefault(normalise(letter[start:end]), (start, end))
    return tuple(demands.values())[:MOST_DEMANDS]


@lru_cache(maxsize=512)
def find_opening(letter: str) -> Span | None:
    """Return the character range of the first complete sentence, or None.

    >>> letter = " I grow apples. I like it."
    >>> letter[slice(*find_opening(letter))]
    'I grow apples.'
    """
    found = ((sentence.start, sentence.end) for sentence in split_sentences(keep_words(letter)))
    return next((span for span in found if not is_fragment(letter[slice(*span)])), None)


def is_fragment(said: str) -> bool:
    """Return True if the words are part of a sentence: they begin in lower case or end with a stop word.

    >>> is_fragment("against larger, stronger men."), is_fragment("We ask you to stop the"), is_fragment("Stop it.")
    (True, True, False)
    """
    return said[:1].islower() or (said[-1:].isalnum() and is_stopword(normalise(said).split()[-1]))


def keep_outside(found: Sequence[Span], added: Sequence[Span]) -> list[Span]:
    """Return the ranges that overlap none of `added`, so that only the letter's own words remain in a changed copy.

    >>> keep_outside([(0, 9), (10, 19)], [(8, 10)])
    [(10, 19)]
    """
    return [(start, end) for start, end in found if not any(one < end and start < other for one, other in added)]
