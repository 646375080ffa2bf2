"""Words: the normal form of a text as a list, each word with the place it has in the original.

The rule is `core.text.normalise`; this module never disagrees with it (a property test says so), it is only quicker
for plain ASCII and knows where each word came from. Scripts written without spaces are cut into characters, so that
"five words in a row" means something for them too.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from consult.core.text import NORMAL_RULE, SILENT, normalise, word_pattern

__all__ = ["NORMAL_RULE", "normal_form", "spans", "text_hash", "words"]

_CHUNK = re.compile(r"\S+")
_BMP = 0xFFFF
_MARKS = "’“”–—…‘•\xa0"
_ODD = bytes(
    code for code in range(256) if unicodedata.normalize("NFKC", chr(code)) != chr(code) or chr(code) in SILENT
)
_WORDY = bytes(chr(code).isalnum() or code == ord("_") for code in range(256))
_FOLDED = bytes(ord(chr(code).casefold()[0]) if _WORDY[code] and code not in _ODD else 0x20 for code in range(256))
_SHARP_S = b"\xdf"
_RANGES = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3041, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF))
"""Thai and Lao, Myanmar, Khmer, kana, Han: no spaces between words."""
_SYLLABIC = "".join(
    chr(code)
    for first, last in _RANGES[:4]
    for code in range(first, last + 1)
    if unicodedata.category(chr(code))[0] == "M"
)
_UNSPACED = re.compile(
    f"((?![{_SYLLABIC}])[{''.join(f'{chr(first)}-{chr(last)}' for first, last in _RANGES)}][{_SYLLABIC}]*)"
)
_EASTERN = re.compile("[\u0e00-\uffff]")
"""Where a character of those scripts may be: found out sooner than whether it is one."""
_BREAK, _LETTER, _MARK = 0, 1, 2


def normal_form(text: str) -> str:
    """What `core.text.normalise` gives, some three times sooner for the languages of Western Europe.

    >>> normal_form("Sixty per-cent,  IS low.")
    'sixty per cent is low'
    """
    latin = _latin(text)
    if latin is None:
        return normalise(text)
    if _SHARP_S in latin:
        latin = latin.replace(_SHARP_S, b"ss")
    return b" ".join(latin.translate(_FOLDED).split()).decode("latin-1")


def _latin(text: str) -> bytes | None:
    """The text byte for character, with a space, which they are worth, for each of the usual quotation marks, dashes
    and dots; none if it has characters that this cannot hold or that compatibility form would change."""
    if not text.isascii():
        for mark in _MARKS:
            text = text.replace(mark, " ")
    try:
        latin = text.encode("latin-1")
    except UnicodeEncodeError:
        return None
    return latin if len(latin.translate(None, _ODD)) == len(latin) else None


def text_hash(normal: str) -> bytes:
    """128 bits of a normal form: equal to `core.text.fingerprint` of the text it came from."""
    return blake2b(normal.encode(), digest_size=16).digest()


def spaced(normal: str) -> str:
    """A normal form with a space round each character of the scripts that have none between words.

    >>> spaced("rule 條例 now")
    'rule 條 例 now'
    """
    if normal.isascii() or not _EASTERN.search(normal):
        return normal
    return " ".join(_UNSPACED.sub(r" \1 ", normal).split())


def words(text: str) -> list[str]:
    """The words of a text, as compared.

    >>> words("Don’t weaken it!")
    ['don', 't', 'weaken', 'it']
    """
    return spaced(normal_form(text)).split()


def spans(text: str) -> list[tuple[int, int]]:
    """Where each of `words(text)` stands: `text[start:end]` is the word as it was written.

    Normalising white-space-separated chunks one by one is the same as normalising the whole, because nothing composes
    across a space; inside a chunk words are told apart where the original shows them, else they share its span.

    >>> text = "Don’t  weaken it!"
    >>> [text[a:b] for a, b in spans(text)]
    ['Don', 't', 'weaken', 'it']
    """
    latin = _latin(text)
    if latin is not None:
        return _runs(np.frombuffer(_WORDY, dtype=np.bool_)[np.frombuffer(latin, dtype=np.uint8)])
    folded = text.casefold()
    # Folding goes character by character: of equal length, the places are the same.
    if len(folded) == len(text) and unicodedata.is_normalized("NFKC", text) and not _UNSPACED.search(text):
        codes = np.frombuffer(folded.encode("utf-32-le"), dtype=np.uint32)
        if codes.max() <= _BMP:
            kinds = _characters()[codes]
            stray = (kinds[1:] == _MARK) & (kinds[:-1] == _BREAK)
            if kinds[0] != _MARK and not stray.any():
                return _runs(kinds != _BREAK)
    found: list[tuple[int, int]] = []
    for chunk in _CHUNK.finditer(text):
        found.extend(_chunk_spans(chunk.group(), chunk.start()))
    return found


def _runs(wordy: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The runs of word characters."""
    inside = np.zeros(len(wordy) + 2, dtype=np.bool_)
    inside[1:-1] = wordy
    edges = np.flatnonzero(inside[1:] != inside[:-1]).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


@lru_cache(maxsize=1)
def _characters() -> NDArray[np.uint8]:
    """For each character of the basic plane whether it begins a word, only belongs to one, or parts two."""
    table = np.zeros(_BMP + 1, dtype=np.uint8)
    for code in range(_BMP + 1):
        one = chr(code)
        if one in SILENT or unicodedata.category(one) in ("Mn", "Mc"):
            table[code] = _MARK
        elif one.isalnum() or one == "_":
            table[code] = _LETTER
    return table


def _chunk_spans(chunk: str, offset: int) -> list[tuple[int, int]]:
    seen = _seen(chunk)
    if not chunk.isascii():
        count = len(spaced(normalise(chunk)).split())
        if len(seen) != count:
            seen = [(0, len(chunk))] * count
    return [(start + offset, end + offset) for start, end in seen]


def _seen(chunk: str) -> list[tuple[int, int]]:
    """Words of a chunk, with the characters of unspaced scripts each a word."""
    bare = [(at, one) for at, one in enumerate(chunk) if one not in SILENT]
    text = "".join(one for _, one in bare)
    found: list[tuple[int, int]] = []
    for match in word_pattern(text).finditer(text):
        start = match.start()
        for piece in _UNSPACED.split(match.group()):
            if piece:
                found.append((bare[start][0], bare[start + len(piece) - 1][0] + 1))
            start += len(piece)
    return found
