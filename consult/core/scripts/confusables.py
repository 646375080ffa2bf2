"""Replacement of look-alike letters of other scripts: `pоliсy` with Cyrillic letters is compared as `policy`.

Words are changed only where readers see them so: a word that mixes scripts is read in the script that its letters look
like, an ambiguous word in that of the words around it. A Russian quotation in an English text stays Russian. The length
of texts and all positions stay the same. Source: Unicode Technical Standard 39, section 4; `confusables.txt` is made
from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

_ROWS = [
    line.split()
    for line in files("consult.core.scripts").joinpath("confusables.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def _read_rows(*kinds: str) -> dict[str, str]:
    """Return the Latin letter of each look-alike, in the same case."""
    pairs = [(row[0], chr(int(code, 16))) for row in _ROWS if row[1] in kinds for code in row[2:]]
    return {one: letter.upper() if one.isupper() else letter for letter, one in pairs}


def _basic_letters(table: Iterable[str]) -> str:
    """Return the letters of the basic plane. A character class with others is fifty times slower."""
    return "".join(one for one in table if one <= "\uffff")


_FURTHER = "[\U00010000-\U0001ffff]"


def _is_stylised(one: str) -> bool:
    """Return True for a Latin letter in another style, such as bold. These are always replaced."""
    return not ("\u0370" <= one <= "\u058f" or "\u1f00" <= one <= "\u1fff" or "\u2c80" <= one <= "\u2cff")


_ALIKE = _read_rows("alike")
_READ = _ALIKE | _read_rows("read")
_STYLISED = {one: letter for one, letter in _READ.items() if _is_stylised(one)}
_LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_HOMES = {"cyrillic": "\u0400-\u04ff", "greek": "\u0370-\u03ff\u1f00-\u1fff"}
"""Scripts in which Latin letters may be the look-alikes."""
_BASIC = {"cyrillic": "\u0410-\u044f\u0401\u0404-\u0408\u0451\u0454-\u0458", "greek": "\u0386-\u03ce"}


def _read_backwards(home: str) -> dict[str, str]:
    """Return the look-alike in another alphabet of each Latin letter."""
    basic = re.compile(f"[{_BASIC[home]}]")
    backwards: dict[str, str] = {}
    for one, letter in _ALIKE.items():
        if basic.match(one):
            backwards.setdefault(letter, one)
    return backwards


_INTO = {"latin": _READ} | {home: _read_backwards(home) for home in _HOMES}
_TABLES = {script: str.maketrans(table) for script, table in _INTO.items()}
_FULL = {
    script: re.compile(f"[{_LATIN if script == 'latin' else _HOMES[script]}{_basic_letters(table)}\\d_]+")
    for script, table in _INTO.items()
}
_WHOLLY_ALIKE = re.compile(f"[{_basic_letters(_ALIKE)}\\d_]+")
_ANY_STYLISED = re.compile(f"[{_basic_letters(_STYLISED)}]|{_FURTHER}")
_ANY_LATIN = re.compile(f"[{_LATIN}]")
_ANY_OTHER = re.compile(f"[{''.join(_HOMES.values())}\u0531-\u058f\u2c80-\u2cff]")
_WORD = re.compile(r"[^\W\d_][\w]*")
_STYLES = str.maketrans(_STYLISED)
LOOK_ALIKES, THEIR_LETTERS = "".join(_READ), "".join(_READ.values())
"""Letters that look like a Latin one, and those Latin letters, for SQL's `translate`."""
LOOK_ALIKES_SQL = f"[{LOOK_ALIKES}]"
"""The look-alikes as a character class for PostgreSQL."""
_SKELETON = str.maketrans(_READ)
_ANY = re.compile(f"[{_basic_letters(_READ)}]|{_FURTHER}")


def _translate_sql() -> str:
    """Return SQL that replaces look-alikes.

    A regular expression skips most texts, because `translate` searches its table for each letter.
    """
    basic = {one: letter for one, letter in _READ.items() if one <= "\uffff"}
    return (
        f"CASE WHEN {{text}} ~ '[{''.join(_READ.keys() - basic.keys())}]' THEN {_translation(_READ)} "
        f"WHEN {{text}} ~ '[{''.join(basic)}]' THEN {_translation(basic)} ELSE {{text}} END"
    )


def _translation(table: dict[str, str]) -> str:
    return f"translate({{text}}, '{''.join(table)}', '{''.join(table.values())}')"


SKELETON_SQL = _translate_sql()
"""SQL equivalent of `get_skeleton`."""


def get_skeleton(text: str) -> str:
    """Replace each look-alike with its Latin letter regardless of context, keeping the length.

    The result is a key, not a text. Only two skeletons can be compared with each other.

    >>> get_skeleton("\u0441\u043e\u0440"), get_skeleton("cop")
    ('cop', 'cop')
    """
    return text.translate(_SKELETON) if not text.isascii() and _ANY.search(text) else text


def fold_confusables(text: str) -> str:
    """Replace letters with those that readers take them for, for comparison. The length is unchanged.

    >>> fold_confusables("The p\u043elicy, \U0001d429\U0001d428licy, слово")
    'The policy, policy, слово'
    """
    if text.isascii():
        return text
    if _ANY_STYLISED.search(text):
        text = text.translate(_STYLES)
    if not _ANY_OTHER.search(text) or not _ANY_LATIN.search(text):
        return text
    return _fold_words(text)


def _fold_words(text: str) -> str:
    words = [(match.start(), match.group(), _read_word(match.group())) for match in _WORD.finditer(text)]
    votes = dict.fromkeys(_INTO, 0)
    for _start, word, readings in words:
        if len(readings) == 1:
            votes[readings[0][0]] += len(word)
    main = max(votes, key=lambda script: votes[script])
    pieces, at = [], 0
    for start, word, readings in words:
        folded = readings[0][1] if len(readings) == 1 else dict(readings).get(main, word)
        if folded != word:
            pieces += [text[at:start], folded]
            at = start + len(word)
    return "".join([*pieces, text[at:]])


@lru_cache(maxsize=20_000)
def _read_word(word: str) -> tuple[tuple[str, str], ...]:
    """Return the scripts in which a word can be read, and the word in each.

    A word in one script is read in another only if each letter is identical in appearance.
    """
    found = [script for script, letters in _FULL.items() if letters.fullmatch(word)]
    if "latin" in found and not _ANY_LATIN.search(word) and not _WHOLLY_ALIKE.fullmatch(word):
        found.remove("latin")
    return tuple((script, word.translate(_TABLES[script])) for script in found)
