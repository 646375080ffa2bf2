"""Positions of words in the original text.

Separate from `normalise.py`, because pages use it and numpy is loaded only when needed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from consult.analysis.text.normalise import UNSPACED, WORDY, split_unspaced, to_latin1
from consult.core.lazy import LazyModule
from consult.core.text import SILENT_CHARACTERS, normalise, word_pattern

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

np: Any = LazyModule("numpy")
SENTENCE_END = re.compile(r"[!?…。！？؟।\n]|\.(?=[^\w\s]{0,20}\s)")
"""The end of a sentence, searched between two words. The full stop of an abbreviation has no space after it."""

_CHUNK = re.compile(r"\S+")
_FOLDS_TO_LETTER = "\u0345"
"""The only mark that case folding turns into a letter: a Greek iota subscript."""
_BMP = 0xFFFF
_BREAK, _LETTER, _MARK = 0, 1, 2


def word_spans(text: str) -> list[tuple[int, int]]:
    """Return the range of each word of a text: `text[start:end]` is the word as written.

    White-space-separated chunks are normalised one by one, which equals normalising the whole because nothing composes
    across a space. Within a chunk, words are separated where the original shows it; otherwise they share its range.

    >>> text = "Don’t  weaken it!"
    >>> [text[a:b] for a, b in word_spans(text)]
    ['Don', 't', 'weaken', 'it']
    """
    made = to_latin1(text)
    if made is not None:
        return _runs(np.frombuffer(WORDY, dtype=np.bool_)[np.frombuffer(made, dtype=np.uint8)])
    folded = text.casefold()
    # Folding goes character by character: of equal length, the places are the same.
    if len(folded) == len(text) and unicodedata.is_normalized("NFKC", text) and not UNSPACED.search(text):
        codes = np.frombuffer(folded.encode("utf-32-le"), dtype=np.uint32)
        if codes.max() <= _BMP:
            kinds = _characters()[codes]
            stray = (kinds[1:] == _MARK) & (kinds[:-1] == _BREAK)
            if kinds[0] != _MARK and not stray.any():
                return _runs(kinds != _BREAK)
    spans: list[tuple[int, int]] = []
    for chunk in _CHUNK.finditer(text):
        spans.extend(_chunk_spans(chunk.group(), chunk.start()))
    return spans


def _runs(wordy: NDArray[numpy.bool_]) -> list[tuple[int, int]]:
    """Return the runs of word characters."""
    inside = np.zeros(len(wordy) + 2, dtype=np.bool_)
    inside[1:-1] = wordy
    edges = np.flatnonzero(inside[1:] != inside[:-1]).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


@lru_cache(maxsize=1)
def _characters() -> NDArray[numpy.uint8]:
    """Return for each character of the basic plane whether it starts a word, continues one, or separates two."""
    table: NDArray[numpy.uint8] = np.zeros(_BMP + 1, dtype=np.uint8)
    for code in range(_BMP + 1):
        one = chr(code)
        if one in SILENT_CHARACTERS or unicodedata.category(one) in ("Mn", "Mc"):
            table[code] = _MARK
        elif one.isalnum() or one == "_":
            table[code] = _LETTER
    return table


def _chunk_spans(chunk: str, offset: int) -> list[tuple[int, int]]:
    seen = _spans_in_chunk(chunk)
    if not chunk.isascii():
        count = len(split_unspaced(normalise(chunk)).split())
        if len(seen) != count or _FOLDS_TO_LETTER in chunk:
            seen = [(0, len(chunk))] * count
    return [(start + offset, end + offset) for start, end in seen]


def _spans_in_chunk(chunk: str) -> list[tuple[int, int]]:
    """Return the words of a chunk. Each character of a script without spaces is a word."""
    bare = [(at, one) for at, one in enumerate(chunk) if one not in SILENT_CHARACTERS]
    text = "".join(one for _, one in bare)
    spans: list[tuple[int, int]] = []
    for match in word_pattern(text).finditer(text):
        start = match.start()
        for piece in UNSPACED.split(match.group()):
            if piece:
                spans.append((bare[start][0], bare[start + len(piece) - 1][0] + 1))
            start += len(piece)
    return spans
