"""Ranking of texts by how likely they oppose their letter, learnt from a person's answers.

A text is described by the mean vector of its sentences, by its words, and by comparison with the letter: the similarity
to the nearest sentence; the same if only one of both is negated, or has a word swapped for its opposite. Further
features: a word swapped inside the letter, and the share of the letter's words. Logistic regression learns from the
answers and from example sentences. Some unread texts count as not opposing, since few texts oppose; without that
nothing can be learnt from examples alone. Source: Cormack and Grossman, Autonomy and reliability of continuous active
learning, 2015.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from consult.analysis.text.normalise import split_words
from consult.analysis.text.polarity import is_contrary, is_negated
from consult.analysis.text.sentences import split_sentences

Numbers = NDArray[np.float64]
Encoder = Callable[[Sequence[str]], NDArray[np.float32]]
_SENTENCES = 12
"""The maximum number of sentences of a text that are read."""
_WIDTH = 256
"""The length of a vector of words, indexed by their hashes."""
_WORDS, _COMPARED = 0.5, 0.15
"""Weights of the words and of the comparison next to a vector of meaning of length 1."""
_FIRMNESS = 0.1
"""The ridge penalty. Values from 0.03 to 0.1 rank alike."""
_PRESUMED = 50
"""Unread texts that count as not opposing."""
_ROUNDS = 12
_MOST_ANSWERS = 1_500
"""The maximum number of answers to learn from, so that a round takes a second at most."""


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The words that a copy adds to its letter.

    `swapped`: a word inside the letter was replaced by its opposite. `share`: the part of the copy's words that are
    the letter's.
    """

    words: str
    swapped: bool = False
    share: float = 0.0


@dataclass(frozen=True)
class Features:
    """One row for each text, and one for each example."""

    texts: Numbers
    examples: Numbers


@dataclass(frozen=True)
class _Sentences:
    """Sentences of one or more texts: words, vectors, and the rows of each text."""

    words: list[list[str]]
    vectors: NDArray[np.float32]
    parts: list[slice]


def describe(letter: str, texts: Sequence[OwnWords], examples: Sequence[str], encode: Encoder | None) -> Features:
    """Return the features of texts and examples compared with a letter. Without an encoder, of their words only."""
    asked = _read([letter], encode)
    every = [*texts, *(OwnWords(words) for words in examples)]
    read = _read([text.words for text in every], encode)
    means = np.array([read.vectors[part].mean(axis=0) for part in read.parts])
    middle = means[: len(texts)].mean(axis=0) if texts else 0
    parts = [_to_unit(means - middle), _WORDS * np.array([_hash_words(text.words) for text in every])]
    compared = np.array([_compare(asked, read, part, text) for part, text in zip(read.parts, every, strict=True)])
    rows = np.hstack([*parts, _COMPARED * compared]).astype(np.float64)
    return Features(rows[: len(texts)], rows[len(texts) :])


def rank(features: Features, answers: Mapping[int, bool]) -> Numbers:
    """Return a probability-like score for each text. `answers` says for texts by index whether they oppose.

    >>> said = "Stop it now.", "Let them in.", "Stop this.", "Please let them come in."
    >>> texts = [OwnWords(words) for words in said]
    >>> scores = rank(describe("Stop the changes.", texts, ["Let them in!"], None), {0: False})
    >>> sorted(range(4), key=lambda at: -scores[at])[:2]
    [1, 3]
    """
    known = sorted(answers)[-_MOST_ANSWERS:]
    unread = np.setdiff1d(np.arange(len(features.texts)), known)
    presumed = unread[np.unique(np.linspace(0, len(unread) - 1, _PRESUMED).astype(int))] if len(unread) else unread
    labels = [*np.ones(len(features.examples)), *(float(answers[at]) for at in known), *np.zeros(len(presumed))]
    rows = np.vstack([features.examples, features.texts[known], features.texts[presumed]])
    opposes = np.array(labels)
    if not opposes.any():
        return 1 - _measure_nearness(features.texts, rows)
    weights = np.where(opposes > 0, max(1.0, float(np.sqrt((opposes == 0).sum() / opposes.sum()))), 1.0)
    slope, bias = _learn(rows, opposes, weights)
    scores: Numbers = 1 / (1 + np.exp(-(features.texts @ slope + bias)))
    return scores


def _measure_nearness(texts: Numbers, rows: Numbers) -> Numbers:
    """Return the nearness of each text to the mean of others, from 0 to 1: the unusual is read first."""
    nearness: Numbers = (1 + _to_unit(texts) @ _to_unit(rows.mean(axis=0)[None])[0]) / 2
    return nearness


def _learn(rows: Numbers, opposes: Numbers, weights: Numbers) -> tuple[Numbers, float]:
    """Fit ridge logistic regression by Newton's method on the products of the rows. Return the slope and the bias."""
    count = len(rows)
    products = rows @ rows.T / _FIRMNESS
    slope, bias = np.zeros(count), 0.0
    system = np.ones((count + 1, count + 1))
    system[count, count] = 0
    for _round in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(products @ slope + bias, -30, 30)))
        spread = np.maximum(weights * chance * (1 - chance), 1e-6)
        wanted = products @ slope + bias + weights * (opposes - chance) / spread
        system[:count, :count] = products + np.diag(1 / spread)
        solved = np.linalg.solve(system, np.append(wanted, 0))
        moved = float(np.abs(solved[:count] - slope).max())
        slope, bias = solved[:count], float(solved[count])
        if moved < 1e-4:
            break
    return rows.T @ slope / _FIRMNESS, bias


def _read(texts: Sequence[str], encode: Encoder | None) -> _Sentences:
    sentences: list[str] = []
    parts = []
    for text in texts:
        own = [text[each.start : each.end] for each in split_sentences(text)[:_SENTENCES]] or [text]
        parts.append(slice(len(sentences), len(sentences) + len(own)))
        sentences += own
    words = [split_words(sentence) for sentence in sentences]
    vectors = (
        encode(sentences) if encode else np.array([_hash_words(sentence) for sentence in sentences], dtype=np.float32)
    )
    return _Sentences(words, vectors.reshape(len(sentences), -1), parts)


def _compare(letter: _Sentences, read: _Sentences, part: slice, text: OwnWords) -> list[float]:
    alike = read.vectors[part] @ letter.vectors.T
    turned = 0.0
    for row, words in zip(alike, read.words[part], strict=True):
        at = int(row.argmax())
        turned = max(turned, float(row[at]) * _is_turned(letter.words[at], words))
    return [float(alike.max()), turned, float(text.swapped), text.share]


def _is_turned(letter: Sequence[str], words: Sequence[str]) -> bool:
    """Return True if one of two sentences is negated, or has a word whose opposite the other has."""
    changed = [word for word in letter if word not in words], [word for word in words if word not in letter]
    return is_negated(letter) != is_negated(words) or is_contrary(*changed)


def _hash_words(text: str) -> Numbers:
    row = np.zeros(_WIDTH)
    for word in set(split_words(text)):
        number = int.from_bytes(blake2b(word.encode(), digest_size=4).digest(), "big")
        row[number % _WIDTH] += 1 if number >> 16 & 1 else -1
    unit: Numbers = _to_unit(row[None])[0]
    return unit


def _to_unit(rows: Numbers) -> Numbers:
    unit: Numbers = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit
