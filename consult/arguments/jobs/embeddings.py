"""Multilingual sentence embeddings of statements, if the model's package is installed.

Each statement is encoded by itself, so its vector does not depend on the batch. The model is loaded at first use, which
only jobs make. Source: Yang and others, Multilingual universal sentence encoder, 2019.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from consult.analysis.campaigns.likeness import load_model
from consult.arguments.claims import statement_proof
from consult.core.text import fold_text

WIDTH = 512
_REMEMBERED = 20_000
"""The number of vectors cached per process by hash of the words: 20 MB of 16-bit floats. They are not stored."""
_memory: OrderedDict[bytes, NDArray[np.float16]] = OrderedDict()


def embed_texts(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return a unit vector for each text."""
    rows = np.zeros((len(texts), WIDTH), dtype=np.float16)
    for row, text in enumerate(texts):
        rows[row] = _embed_text(text)
    found: NDArray[np.float32] = rows.astype(np.float32)
    return found


def _embed_text(text: str) -> NDArray[np.float16]:
    known = statement_proof(text)
    if known in _memory:
        _memory.move_to_end(known)
        return _memory[known]
    _memory[known] = load_model().encode(fold_text(text)).astype(np.float16)
    if len(_memory) > _REMEMBERED:
        _memory.popitem(last=False)
    return _memory[known]
