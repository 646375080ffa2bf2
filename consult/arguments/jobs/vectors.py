"""Statements as vectors: TF-IDF and LSA, fitted once on a sample, then applied to whatever comes later.

Pure, and the same for the same statements whatever their order: the sample is drawn by hash, the decomposition is
seeded, signs are fixed. Source: Halko, Martinsson and Tropp, Finding structure with randomness, 2011.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from consult.analysis.text.quotes import extract_concepts
from consult.arguments.jobs import embeddings, positions
from consult.arguments.jobs.positions import Position
from consult.arguments.prohibitions import is_prohibition

RULE = 2
"""The version of this file's rules: vectors of another are made anew."""
Floats = NDArray[np.float32]
_SAMPLE = 4_000
_TERMS = 4_096
_DIMENSIONS = 64
_PLAIN = 0.7
"""The share of likeness that the words themselves have; the rest is that of the company they keep."""
_MEANT = 0.5
"""The share of likeness that is of what is meant, in whatever language, where that can be told."""
_ALONE, _FEW = 0.3, 10
"""The share of its weight that a word has which one statement alone uses, and up to how many statements it has all of
that: without it two that share one word and nothing else would be the same.
"""
_ASKED = 0.03
"""What asking for the same thing adds to the likeness of two statements, and asking for opposite things takes."""


@dataclass(frozen=True)
class VectorSpace:
    """What turns words into vectors: terms in order, how telling each is, and the directions of the decomposition."""

    terms: tuple[str, ...]
    weights: Floats
    directions: Floats  # terms × dimensions
    encoder: str = ""  # what tells the meaning besides; empty for nothing
    size: int = 0  # how many statements it was fitted on

    @property
    def width(self) -> int:
        """How long a vector is."""
        said = len(self.terms) + int(self.directions.shape[1])
        return said + (embeddings.WIDTH if self.encoder else 0) + positions.WIDTH

    def vectors(self, texts: Sequence[str]) -> Floats:
        """A row for each text, of unit length if all in it is known, or of zeros if nothing is."""
        plain = self.plain(texts)
        company = _normalise_rows(plain @ self.directions) * np.linalg.norm(plain, axis=1, keepdims=True)
        said = np.hstack([np.sqrt(_PLAIN) * plain, np.sqrt(1 - _PLAIN) * company]).astype(np.float32)
        if not self.encoder:
            return said
        return np.hstack([np.sqrt(1 - _MEANT) * said, np.sqrt(_MEANT) * embeddings.embed_texts(texts)]).astype(
            np.float32
        )

    def sided(self, texts: Sequence[str], read: Sequence[Position] | None = None) -> Floats:
        """The same, followed by what each asks for; turned round where it forbids, so that it is near to none that asks
        for what it is against. Its position is given if it has been read.
        """
        found = self.vectors(texts)
        found[[is_prohibition(text) for text in texts]] *= -1
        asked = positions.embed_positions(read or [positions.read_position(text) for text in texts])
        return np.hstack([found, np.sqrt(np.float32(_ASKED)) * asked])

    def plain(self, texts: Sequence[str]) -> Floats:
        """TF-IDF by itself. The more words nobody else used, the shorter; where statements are many, this fades."""
        slots = {term: slot for slot, term in enumerate(self.terms)}
        rows = np.zeros((len(texts), len(self.terms)), dtype=np.float32)
        unknown = np.zeros((len(texts), 1))
        for row, text in enumerate(texts):
            said = extract_features(text)
            known = [slots[term] for term in said if term in slots]
            rows[row, known] = self.weights[known]
            unknown[row] = len(said) - len(known)
        lengths = np.sqrt((rows**2).sum(axis=1, keepdims=True) + unknown * self._unknown_weight)
        found: Floats = (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
        return found

    @property
    def _unknown_weight(self) -> float:
        """The square of what a word weighs that one statement alone has: of few statements most words are such."""
        return float((np.log((1 + self.size) / 2) + 1) ** 2 * _ALONE * min(1, _FEW / self.size)) if self.size else 0.0


def extract_features(text: str) -> list[str]:
    """The features of a statement: the stems of its content words, each once.

    >>> extract_features("It is costly for less: the costliest uniforms!")
    ['costl', 'less', 'unifo']
    """
    return extract_concepts(text)


def shuffle_key(text: str) -> bytes:
    """By what statements are put in an order that has nothing to do with when they came."""
    return blake2b(text.encode(), digest_size=16).digest()


def fit_space(texts: Sequence[str], encoder: str = "") -> VectorSpace:
    """Fits the space on some statements. The cost is bounded: at most `_SAMPLE` of them are read."""
    chosen = sorted(set(texts), key=shuffle_key)[:_SAMPLE]
    said = [extract_features(text) for text in chosen]
    counts = Counter(term for each in said for term in each)
    ranked = sorted((term for term, n in counts.items() if n > 1), key=lambda term: (-counts[term], term))
    terms = tuple(sorted(ranked[:_TERMS]))
    weights = np.array([np.log((1 + len(chosen)) / (1 + counts[term])) + 1 for term in terms], dtype=np.float32)
    plain = VectorSpace(terms, weights, np.zeros((len(terms), 0), dtype=np.float32)).plain(chosen)
    return VectorSpace(terms, weights, _directions(plain), encoder, len(chosen))


def _directions(rows: Floats) -> Floats:
    """The right singular vectors of the largest singular values, in the order of their values."""
    size = min(_DIMENSIONS, *rows.shape)
    if not size:
        return np.zeros((rows.shape[1], 0), dtype=np.float32)
    width = min(size + 16, *rows.shape)
    probe = np.random.default_rng(1).standard_normal((rows.shape[1], width)).astype(np.float32)
    basis = np.linalg.qr(rows @ probe)[0]
    for _again in range(3):
        basis = np.linalg.qr(rows @ np.linalg.qr(rows.T @ basis)[0])[0]
    found = np.linalg.svd(basis.T @ rows, full_matrices=False)[2][:size]
    signs = np.sign(found[np.arange(size), np.abs(found).argmax(axis=1)])
    directions: Floats = (found * signs[:, None]).T.astype(np.float32)
    return directions


def _normalise_rows(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
