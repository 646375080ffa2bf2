"""Countries and their regions. Source: ISO 3166-1 and, for regions of the first level, ISO 3166-2.

`regions.tsv` has code, name, French, Spanish and Arabic name; a name is empty if it is the same or unknown.
`benchmarks.regions` makes it from `pycountry` with the data of Debian's iso-codes (LGPL-2.1-or-later). The Arabic names
are from the Unicode CLDR (Unicode License v3, `unicode-license.txt`). Regions without a name in a language have the
standard's name, that of their own country in Latin letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

from consult.accounts.countries import list_countries
from consult.core.errors import Refusal
from consult.core.i18n import _, force_locale
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.text import normalise

FILE = Path(__file__).with_name("regions.tsv")
_COLUMNS = "code name fr es ar"
LANGUAGES = tuple(_COLUMNS.split()[2:])
"""Languages of the third and later columns of the file."""
LEAST_LETTERS = 4
"""Minimum length of a word that can name a region by itself, to exclude “de” or “La”."""
_PROVINCES = """
region province provincia state estado department departement departamento governorate of de la le el del d
ولايه محافظه مقاطعه منطقه جهه اقليم اماره
"""
_KINDS = frozenset(_PROVINCES.split())
"""Words for kinds of places, as split by `_split_words`."""
_ARABIC_LETTERS = str.maketrans("ةى", "هي")
_ARTICLE = re.compile(r"^ال(?=\w{2})")
_VOWELS = re.compile("(?<!^)[اوي]|^ا")
SHOWN = 40
"""Maximum number of regions listed in a refusal."""


class PlaceRefused(Refusal):
    """The country or region is unknown, or they do not match. `short` is the message without the list of regions."""

    def __init__(self, message: str, *, field: str, short: str = "") -> None:
        super().__init__(message, field=field)
        self.short = short or self.message


@lru_cache(maxsize=1)
def _read_lines() -> dict[str, str]:
    """Return the unparsed lines of each country. Strings take 0.3 MB, objects for all regions would take 3 MB."""
    found: dict[str, list[str]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        found.setdefault(line[:2], []).append(line)
    return {country: "\n".join(lines) for country, lines in found.items()}


@lru_cache(maxsize=64)
def _list_regions(country: str, language: str) -> tuple[tuple[str, str], ...]:
    column = 2 + LANGUAGES.index(language) if language in LANGUAGES else 1
    rows = [line.split("\t") for line in _read_lines().get(country, "").splitlines()]
    return tuple(sorted(((row[0], row[column] or row[1]) for row in rows), key=lambda pair: _collation_key(pair[1])))


def _collation_key(name: str) -> str:
    """Return a sort key without accents and punctuation: É sorts with E, ‘A with A."""
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if c.isalnum() or c == " ")


def list_regions(country: str, language: str = DEFAULT_LANGUAGE) -> list[tuple[str, str]]:
    """Return (ISO 3166-2 code, name) of a country's first-level regions in alphabetical order.

    Empty for an unknown country or one without regions in the standard, such as Aruba.

    >>> [name for _code, name in list_regions("BE", "fr")]
    ['Bruxelles-Capitale, Région de', 'Flamande, Région', 'Wallonne, Région']
    """
    return list(_list_regions(country, language))


def get_country_name(country: str, language: str = DEFAULT_LANGUAGE) -> str:
    """Return the name of a country, or its code if unknown.

    >>> get_country_name("EC", "es"), get_country_name("EC", "ar")
    ('Ecuador', 'الإكوادور')
    """
    return dict(list_countries(language)).get(country, country)


def get_region_name(region: str, language: str = DEFAULT_LANGUAGE) -> str:
    """Return the name of a region without its country. For a country code, return the country's name.

    >>> get_region_name("EC-E"), get_region_name("EC", "fr"), get_region_name("EC-99")
    ('Esmeraldas', 'Équateur', 'EC-99')
    """
    country = region[:2]
    if region == country:
        return get_country_name(country, language)
    return dict(_list_regions(country, language)).get(region, region)


def name_place(country: str, region: str | None, language: str = DEFAULT_LANGUAGE, town: str | None = None) -> str:
    """Return a place as shown on pages, smallest part first.

    >>> name_place("EC", "EC-E"), name_place("EC", "EC-E", "en", "Atacames"), name_place("AW", "AW")
    ('Esmeraldas, Ecuador', 'Atacames, Esmeraldas, Ecuador', 'Aruba')
    """
    parts = [
        town or "",
        get_region_name(region, language) if region and region != country else "",
        get_country_name(country, language),
    ]
    with force_locale(language):
        return _(", ").join(filter(None, parts))


def check_place(country: str, region: str | None, language: str = DEFAULT_LANGUAGE) -> tuple[str, str]:
    """Return the country and region under which a report is counted. Without regions, that is the country code.

    Raises PlaceRefused with the regions of the country.
    """
    country, region = country.strip().upper(), (region or "").strip().upper()
    if country not in dict(list_countries(DEFAULT_LANGUAGE)):
        raise PlaceRefused(_("Choose the country from the list."), field="country")
    known = list_regions(country, language)
    if not known and region in {"", country}:
        return country, country
    if region in dict(known):
        return country, region
    name = get_country_name(country, language)
    if not known:
        raise PlaceRefused(
            _("%(country)s has no regions in the list. Leave the region empty.", country=name), field="region"
        )
    named = _("; ").join(f"{words} ({code})" for code, words in known[:SHOWN])
    if len(known) > SHOWN:
        named = _("%(names)s and %(n)s more", names=named, n=len(known) - SHOWN)
    told = _("Choose a region of %(country)s: %(regions)s.", country=name, regions=named)
    raise PlaceRefused(told, field="region", short=_("Choose a region of %(country)s.", country=name))


def find_region(country: str, typed: str) -> str:
    """Return a region's code, found by code, by name in any listed language, or by words of only one name.

    Unknown or ambiguous text is returned unchanged. Accents and words such as “province of” are ignored. Arabic names
    also match by their consonants, because vowels of foreign names are spelled in many ways.

    >>> find_region("EC", "esmeraldas"), find_region("EC", "EC-E"), find_region("EC", "Lima")
    ('EC-E', 'EC-E', 'Lima')
    >>> find_region("BE", "Bruxelles"), find_region("FR", "Ile de France"), find_region("FR", "Loire")
    ('BE-BRU', 'FR-IDF', 'Loire')
    >>> find_region("EC", "محافظة إسميرالداس"), find_region("EG", "قاهره"), find_region("EC", "provincia de Manabi")
    ('EC-E', 'EG-C', 'EC-M')
    """
    wanted = normalise(typed)
    named = [
        (code, name) for language in (DEFAULT_LANGUAGE, *LANGUAGES) for code, name in list_regions(country, language)
    ]
    if exact := {code for code, name in named if wanted and wanted in (normalise(name), normalise(code))}:
        return min(exact)
    words = _split_words(typed)
    if not words or len(wanted) < LEAST_LETTERS:
        return typed
    for compared in (_split_words, _keep_consonants):
        asked = compared(typed)
        if same := {code for code, name in named if asked and compared(name) == asked}:
            return same.pop() if len(same) == 1 else typed
    held = {code for code, name in named if words <= _split_words(name)}
    return held.pop() if len(held) == 1 else typed


@lru_cache(maxsize=4096)
def _split_words(name: str) -> frozenset[str]:
    """Return the words of a name without accents, the Arabic article and kinds of places."""
    letters = unicodedata.normalize("NFKD", normalise(name)).translate(_ARABIC_LETTERS)
    words = re.findall(r"\w+", "".join(c for c in letters if not unicodedata.combining(c)))
    return frozenset(_ARTICLE.sub("", word) for word in words) - _KINDS


def _keep_consonants(name: str) -> frozenset[str]:
    """Return the words of a name in Arabic letters without long vowels. Empty for other scripts."""
    return frozenset(_VOWELS.sub("", word) for word in _split_words(name) if "\u0621" <= word[0] <= "\u064a")
