"""Statements as vectors: TF-IDF and LSA, fitted once on a sample and then applied to later statements.

Pure functions whose result does not depend on the order of statements: the sample is chosen by hash, the decomposition
is seeded, signs are fixed. Source: Halko, Martinsson and Tropp, Finding structure with randomness, 2011.
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
"""The version of the rules in this file. Vectors of another version are recomputed."""
Floats = NDArray[np.float32]
_SAMPLE = 4_000
_TERMS = 4_096
_DIMENSIONS = 64
_PLAIN = 0.7
"""The weight of the words themselves in the similarity. The rest is that of co-occurring words (LSA)."""
_MEANT = 0.5
"""The weight of the multilingual meaning in the similarity, if the encoder is installed."""
_ALONE, _FEW = 0.3, 10
"""The share of its weight that a word used by one statement has, and the number of statements up to which it has all.

Otherwise two statements that share a single word and nothing else would be identical.
"""
_ASKED = 0.03
"""The amount added to the similarity of two statements that ask for the same thing, or subtracted for opposites."""


@dataclass(frozen=True)
class VectorSpace:
    """A vector space: ordered terms, their weights, and the directions of the decomposition."""

    terms: tuple[str, ...]
    weights: Floats
    directions: Floats  # terms × dimensions
    encoder: str = ""  # the encoder of meaning; empty for none
    size: int = 0  # number of statements it was fitted on

    @property
    def width(self) -> int:
        """Return the length of a vector."""
        said = len(self.terms) + int(self.directions.shape[1])
        return said + (embeddings.WIDTH if self.encoder else 0) + positions.WIDTH

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Return a row for each text: of unit length if all its words are known, zeros if none is."""
        plain = self.plain(texts)
        company = _normalise_rows(plain @ self.directions) * np.linalg.norm(plain, axis=1, keepdims=True)
        said = np.hstack([np.sqrt(_PLAIN) * plain, np.sqrt(1 - _PLAIN) * company]).astype(np.float32)
        if not self.encoder:
            return said
        return np.hstack([np.sqrt(1 - _MEANT) * said, np.sqrt(_MEANT) * embeddings.embed_texts(texts)]).astype(
            np.float32
        )

    def sided(self, texts: Sequence[str], read: Sequence[Position] | None = None) -> Floats:
        """Return the vectors followed by those of the positions. Prohibitions are negated.

        This lowers the similarity of a statement to those that ask for what it opposes. `read` gives positions that are
        known already.
        """
        found = self.vectors(texts)
        found[[is_prohibition(text) for text in texts]] *= -1
        asked = positions.embed_positions(read or [positions.read_position(text) for text in texts])
        return np.hstack([found, np.sqrt(np.float32(_ASKED)) * asked])

    def plain(self, texts: Sequence[str]) -> Floats:
        """Return TF-IDF vectors. Words that no other statement uses shorten a vector, less so among many statements."""
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
        """Return the squared weight of a word that only one statement has.

        Among few statements, most words are such.
        """
        return float((np.log((1 + self.size) / 2) + 1) ** 2 * _ALONE * min(1, _FEW / self.size)) if self.size else 0.0


def extract_features(text: str) -> list[str]:
    """Return the distinct stems of a statement's content words.

    >>> extract_features("It is costly for less: the costliest uniforms!")
    ['costl', 'less', 'unifo']
    """
    return extract_concepts(text)


def shuffle_key(text: str) -> bytes:
    """Return a sort key that does not depend on when a statement arrived."""
    return blake2b(text.encode(), digest_size=16).digest()


def fit_space(texts: Sequence[str], encoder: str = "") -> VectorSpace:
    """Fit the space on at most `_SAMPLE` of the statements, which bounds the cost."""
    chosen = sorted(set(texts), key=shuffle_key)[:_SAMPLE]
    said = [extract_features(text) for text in chosen]
    counts = Counter(term for each in said for term in each)
    ranked = sorted((term for term, n in counts.items() if n > 1), key=lambda term: (-counts[term], term))
    terms = tuple(sorted(ranked[:_TERMS]))
    weights = np.array([np.log((1 + len(chosen)) / (1 + counts[term])) + 1 for term in terms], dtype=np.float32)
    plain = VectorSpace(terms, weights, np.zeros((len(terms), 0), dtype=np.float32)).plain(chosen)
    return VectorSpace(terms, weights, _directions(plain), encoder, len(chosen))


def _directions(rows: Floats) -> Floats:
    """Return the right singular vectors of the largest singular values, in descending order."""
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
