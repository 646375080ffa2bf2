"""Countries by name, in the language being spoken."""

from __future__ import annotations

import re

from babel import Locale

_CODE = re.compile(r"[A-Z]{2}")
_NOT_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
"""Codes of the Unicode list that ISO 3166-1 does not assign to a country or territory."""


def countries(language: str) -> list[tuple[str, str]]:
    """(ISO 3166-1 alpha-2 code, name) of every country and territory, in the alphabetical order of the language.

    >>> [name for code, name in countries("en") if code in {"PE", "AT"}]
    ['Austria', 'Peru']
    """
    names = Locale.parse(language).territories
    found = [(code, name) for code, name in names.items() if _CODE.fullmatch(code) and code not in _NOT_COUNTRIES]
    return sorted(found, key=lambda pair: pair[1].casefold())
