"""Languages that a text can be in, by its script, which takes precedence over other evidence.

Used by imports, by checks of the queue, and by the detection for a whole collection of texts in
`analysis/text/language.py`. It needs no library. The tables are in `languages.txt`.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from importlib.resources import files

from consult.core.languages import parse_word_lists
from consult.core.text import fold_text

UNKNOWN = "und"
"""The code of an unknown language. Source: ISO 639-2."""
_TABLES = parse_word_lists(files("consult.core.scripts").joinpath("languages.txt").read_text(encoding="utf-8"))
_MOST = 0.6
"""The minimum share of the letters in a text's main script. Names and quotations may be in others."""
_LOOKED_AT = 2_000


def _read_scripts() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the ranges of each script as a regular-expression class, and its languages."""
    scripts = {}
    for line in _TABLES["scripts"]:
        name, ranges, languages = line.split(":")
        pairs = [
            (chr(int(first, 16)), chr(int(last, 16))) for first, last in (each.split("-") for each in ranges.split())
        ]
        scripts[name] = ("".join(f"{first}-{last}" for first, last in pairs), tuple(languages.split()))
    return scripts


_SCRIPTS = _read_scripts()
_LETTERS = [(frozenset(line.split(":")[0]), frozenset(line.split(":")[1].split())) for line in _TABLES["letters"]]
COMMON_WORDS = {line.partition(":")[0]: frozenset(line.partition(":")[2].split()) for line in _TABLES["words"]}
"""The commonest words of some languages."""


@lru_cache(maxsize=20_000)
def _script_of(letter: str) -> str:
    return next((name for name, (ranges, _codes) in _SCRIPTS.items() if re.match(f"[{ranges}]", letter)), "")


def find_script(text: str) -> str:
    """Return the script of a text. Empty if it has no letters, if two scripts are mixed, or for a rare script.

    >>> find_script("支持!"), find_script("Да, WH"), find_script("60 %")
    ('Han', '', '')
    """
    if text.isascii():
        return "Latin" if re.search("[A-Za-z]", text) else ""
    counts: Counter[str] = Counter()
    for letter, times in Counter(fold_text(text[:_LOOKED_AT])).items():
        if letter.isalpha():
            counts[_script_of(letter)] += times
    if counts["Kana"]:  # Japanese writes both
        counts["Kana"] += counts.pop("Han", 0)
    if not counts:
        return ""
    name, most = counts.most_common(1)[0]
    return name if most >= _MOST * counts.total() else ""


def list_possible(text: str) -> tuple[str, ...]:
    """Return the languages that the letters of a text allow, in no order. Empty if they do not decide.

    >>> list_possible("支持"), list_possible("Да"), list_possible("Їжа"), list_possible("ได้")
    (('zh', 'ja'), ('ru', 'uk', 'bg', 'sr'), ('uk',), ('th',))
    """
    _ranges, possible = _SCRIPTS.get(find_script(text), ("", ()))
    if len(possible) > 1:
        letters = set(fold_text(text[:_LOOKED_AT]).casefold())
        for own, languages in _LETTERS:
            if own & letters and (kept := tuple(code for code in possible if code in languages)):
                possible = kept
    return possible


def tell_by_script(text: str, expected: str) -> str:
    """Return `expected` unless the script rules it out, then the language of the script, or `und`.

    >>> tell_by_script("支持", "en"), tell_by_script("ผมเห็นด้วย", "en"), tell_by_script("Да", "en")
    ('zh', 'th', 'und')
    """
    script, possible = find_script(text), list_possible(text)
    if not script or expected in possible or (script == "Latin" and expected not in ALL_KNOWN):
        return expected
    return possible[0] if len(possible) == 1 or script == "Han" else UNKNOWN  # Japanese is seldom written without kana


ALL_KNOWN = frozenset(code for _ranges, codes in _SCRIPTS.values() for code in codes)
"""All languages whose script is known."""
