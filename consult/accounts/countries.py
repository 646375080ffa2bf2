"""Country names in the current language."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from babel import Locale

from consult.accounts.country_names import OTHER_NAMES
from consult.core.i18n import CONTENT_LANGUAGES
from consult.core.languages import DEFAULT_LANGUAGE

_CODE = re.compile(r"[A-Z]{2}")
_NOT_COUNTRIES = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"})
"""Codes in the Unicode territory list that ISO 3166-1 does not assign to a country or territory."""


def list_countries(language: str) -> list[tuple[str, str]]:
    """Return (ISO 3166-1 alpha-2 code, name) of every country and territory, sorted for the language.

    >>> [name for code, name in list_countries("en") if code in {"PE", "AT"}]
    ['Austria', 'Peru']
    >>> [name for code, name in list_countries("fr") if code in {"EE", "EG", "EC", "ES", "ZW"}]
    ['Égypte', 'Équateur', 'Espagne', 'Estonie', 'Zimbabwe']
    """
    return list(_list_countries(language))


@lru_cache(maxsize=8)
def _list_countries(language: str) -> list[tuple[str, str]]:
    names = Locale.parse(language).territories
    countries = [(code, name) for code, name in names.items() if _CODE.fullmatch(code) and code not in _NOT_COUNTRIES]
    return sorted(countries, key=lambda pair: _collation_key(pair[1]))


def _collation_key(name: str) -> str:
    """Return the name without case and accents as a sort key, so that É sorts with E and أ with ا."""
    plain = name.casefold().replace("’", "'").replace(" & ", " and ").replace("saint ", "st. ")
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


def parse_countries(words: str) -> tuple[list[str], list[str]]:
    """Return the codes of the countries named in a list, without duplicates, and the names that match no country.

    Accents are ignored because many phone keyboards have none. Names in the form of the United Nations are known too.

    >>> parse_countries("Peru, Maroc؛ العراق, BO, Equateur, Atlantis")
    (['PE', 'MA', 'IQ', 'BO', 'EC'], ['Atlantis'])
    >>> parse_countries("Russian Federation; Iran (Islamic Republic of); Lao People’s Democratic Republic")[0]
    ['RU', 'IR', 'LA']
    """
    codes, unknown = [], []
    for name in filter(None, (each.strip() for each in re.split(r"[,;،؛\n]", words))):
        code = _country_codes().get(_collation_key(name))
        if code is None:
            unknown.append(name)
        elif code not in codes:
            codes.append(code)
    return codes, unknown


@lru_cache(maxsize=1)
def _country_codes() -> dict[str, str]:
    """Return country codes keyed by code, by name in every content language, and by names of the United Nations."""
    others = {_collation_key(name): code for code, names in OTHER_NAMES.items() for name in names.split("|")}
    known = {_collation_key(name): code for spoken in CONTENT_LANGUAGES for code, name in list_countries(spoken)}
    return others | known | {code.casefold(): code for code, _name in list_countries(DEFAULT_LANGUAGE)}
