"""Selection of quotes: a few statements that together cover most of what a group says, rare points included.

The value of a statement is that of the concepts it adds. A concept is the first letters of a word that several
statements but not most of them contain. Common concepts weigh a little more. Concepts that co-occur with a quoted one
lose value in proportion, so that each quote covers another subject and rare points are included. The selection is
deterministic. Source: coverage of concepts as in Filatova and Hatzivassiloglou, A formal model for information
selection in multi-sentence text extraction, COLING 2004; the weighting by co-occurrence is ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from consult.analysis.text.normalise import split_words
from consult.analysis.text.stopwords import STOPWORDS

_LETTERS = 5
_WEIGHT = 0.2
_RARE = 0.02
"""Concepts in a smaller share of statements, or in fewer than three, are individual points."""
_COMMON = 0.4
"""Concepts in a larger share of statements are the subject itself."""
_AGAIN = 0.1
"""The remaining share of a concept's value once it was quoted."""
_LENGTH = 25
"""Up to this many words, length does not matter. Longer statements must add more."""
_ROWS = 10_000


def extract_concepts(text: str) -> list[str]:
    """Return the distinct concepts of a text, in no particular order.

    >>> extract_concepts("It is costly for less: the costliest uniforms!")
    ['costl', 'less', 'unifo']
    """
    said = split_words(text)
    empty = max(STOPWORDS, key=lambda stopwords: sum(word in stopwords for word in said))
    return sorted({_stem(word) for word in said if word not in empty and not word.isdigit()})


def choose_quotes(texts: Sequence[str], k: int) -> list[int]:
    """Return the indices of at most `k` texts, most valuable first, without duplicates.

    The result does not depend on the order of the texts.
    """
    first = _distinct(texts)
    order = sorted(first.values(), key=lambda number: texts[number])
    owners, slots, counts = _concept_table([extract_concepts(texts[number]) for number in order])
    lengths = np.array([max(_LENGTH, len(texts[number].split())) for number in order])
    apart = 1 - _cooccurrence(owners, slots, counts, len(order))
    left = counts**_WEIGHT
    free = np.ones(len(order), dtype=np.bool_)
    chosen: list[int] = []
    while len(chosen) < min(k, len(order)):
        gains = np.bincount(owners, weights=left[slots], minlength=len(order)) / lengths
        best = int(np.argmax(np.where(free, gains, -1)))
        free[best] = False
        chosen.append(order[best])
        left = left * np.prod(apart[slots[owners == best]], axis=0)
    return chosen


def _distinct(texts: Sequence[str]) -> dict[tuple[str, ...], int]:
    first: dict[tuple[str, ...], int] = {}
    for number, text in enumerate(texts):
        key = tuple(split_words(text))
        if key and (key not in first or text < texts[first[key]]):
            first[key] = number
    return first


def _concept_table(said: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the text and the slot of each mention of a counted concept, and the number of texts per slot."""
    counts = Counter(concept for each in said for concept in each)
    least = min(max(3.0, _RARE * len(said)), len(said) / 4)
    kept = sorted(concept for concept, count in counts.items() if least <= count <= _COMMON * len(said))
    slots = {concept: slot for slot, concept in enumerate(kept)}
    pairs = [(owner, slots[concept]) for owner, each in enumerate(said) for concept in each if concept in slots]
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1], np.array([counts[concept] for concept in kept], dtype=np.float64)


def _cooccurrence(owners: np.ndarray, slots: np.ndarray, counts: np.ndarray, size: int) -> np.ndarray:
    """Return the cosine similarity of the texts in which two concepts occur. The diagonal is 1 - `_AGAIN`."""
    together = np.zeros((len(counts), len(counts)))
    for first in range(0, size, _ROWS):
        some = slice(*np.searchsorted(owners, (first, first + _ROWS)))
        rows = np.zeros((min(_ROWS, size - first), len(counts)), dtype=np.float32)
        rows[owners[some] - first, slots[some]] = 1
        together += rows.T @ rows
    company: np.ndarray = together / np.sqrt(np.outer(counts, counts))
    np.fill_diagonal(company, 1 - _AGAIN)
    return company


def _stem(word: str) -> str:
    if word.startswith("ال") and len(word) > _LETTERS + 1:
        word = word[2:]
    return word[:_LETTERS]
