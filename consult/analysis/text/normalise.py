"""The normal form of a text as a list of words. `spans.py` gives their positions in the original.

The rule is `core.text.normalise`. This module gives the same result (a property test checks it), faster for plain
ASCII. Scripts written without spaces are split into characters, so that five words in a row are defined for them too.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

from consult.core.text import NORMAL_RULE, SILENT_CHARACTERS, normalise

__all__ = ["NORMAL_RULE", "normal_form", "split_words", "text_hash"]

_MARKS = "’“”–—…‘•\xa0"
_ODD = bytes(
    code
    for code in range(256)
    if unicodedata.normalize("NFKC", chr(code)) != chr(code) or chr(code) in SILENT_CHARACTERS
)
WORDY = bytes(chr(code).isalnum() or code == ord("_") for code in range(256))
_FOLDED = bytes(ord(chr(code).casefold()[0]) if WORDY[code] and code not in _ODD else 0x20 for code in range(256))
_SHARP_S = b"\xdf"
_RANGES = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3041, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF))
"""Thai and Lao, Myanmar, Khmer, kana and Han: scripts without spaces between words."""
_SYLLABIC = "".join(
    chr(code)
    for first, last in _RANGES[:4]
    for code in range(first, last + 1)
    if unicodedata.category(chr(code))[0] == "M"
)
UNSPACED = re.compile(
    f"((?![{_SYLLABIC}])[{''.join(f'{chr(first)}-{chr(last)}' for first, last in _RANGES)}][{_SYLLABIC}]*)"
)
_EASTERN = re.compile("[\u0e00-\uffff]")
"""A quick test for characters that may be of those scripts."""


def normal_form(text: str) -> str:
    """Return the result of `core.text.normalise`, about three times faster for Western European languages.

    >>> normal_form("Sixty per-cent,  IS low.")
    'sixty per cent is low'
    """
    made = to_latin1(text)
    if made is None:
        return normalise(text)
    if _SHARP_S in made:
        made = made.replace(_SHARP_S, b"ss")
    return b" ".join(made.translate(_FOLDED).split()).decode("latin-1")


def to_latin1(text: str) -> bytes | None:
    """Encode the text with one byte per character, or return None if that is not possible.

    Common quotation marks, dashes and ellipses become spaces, as in the normal form. Returns None for characters
    outside Latin-1 or changed by compatibility normalisation.
    """
    if not text.isascii():
        for mark in _MARKS:
            text = text.replace(mark, " ")
    try:
        made = text.encode("latin-1")
    except UnicodeEncodeError:
        return None
    return made if len(made.translate(None, _ODD)) == len(made) else None


def text_hash(normal: str) -> bytes:
    """Return 128 bits of a normal form, equal to `core.text.fingerprint` of the original text."""
    return blake2b(normal.encode(), digest_size=16).digest()


def split_unspaced(normal: str) -> str:
    """Put spaces around each character of scripts without spaces between words.

    >>> split_unspaced("rule 條例 now")
    'rule 條 例 now'
    """
    if normal.isascii() or not _EASTERN.search(normal):
        return normal
    return " ".join(UNSPACED.sub(r" \1 ", normal).split())


def split_words(text: str) -> list[str]:
    """Return the words of a text in normal form.

    >>> split_words("Don’t weaken it!")
    ['don', 't', 'weaken', 'it']
    """
    return split_unspaced(normal_form(text)).split()
