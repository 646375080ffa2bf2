"""Parser for a report in a short text: "place; sold as; what happened". Pure.

A place is a region code ("EC-E") or the name of a region with its country ("Esmeraldas, Ecuador"). The country is
optional if the site has a default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from babel.languages import get_official_languages

from consult.accounts.countries import parse_countries
from consult.analysis.text.wordlists import read_lists
from consult.core.i18n import LANGUAGES
from consult.core.text import clean_text, one_line
from consult.core.text_language import list_possible
from consult.signals.places.regions import find_region, list_regions

MOST = 800  # characters
_PARTS = re.compile("[;؛]")
_CODE = re.compile(r"([A-Za-z]{2})-[A-Za-z0-9]{1,3}")


@dataclass(frozen=True)
class ShortReport:
    """The parts of a text. Missing parts are empty."""

    country: str = ""
    region: str = ""
    product: str = ""
    body: str = ""

    @property
    def complete(self) -> bool:
        """Return whether it can be filed as it is."""
        return bool(self.country and self.product and self.body and (self.region or not list_regions(self.country)))


def parse_text(text: str, country: str = "") -> ShortReport:
    """Split a text at its first two semicolons. With fewer, all of it is what happened.

    >>> parse_text("Esmeraldas, Ecuador; M30 tablets; Two people fell asleep; one woke up")
    ShortReport(country='EC', region='EC-E', product='M30 tablets', body='Two people fell asleep; one woke up')
    >>> parse_text("إسميرالداس، EC; M30; Two").country
    'EC'
    """
    parts = _PARTS.split(clean_text(text)[:MOST], maxsplit=2)
    if len(parts) < 3:
        return ShortReport(country=country, body=clean_text(text)[:MOST])
    where, product, body = (part.strip() for part in parts)
    return ShortReport(*_find_place(one_line(where), country), one_line(product), body)


def tell_language(text: str, country: str, default: str) -> str:
    """Return the language for replying to a text: by its letters and words, else the country's, else `default`.

    The analysis engine's detector is no better for so few words and needs 90 MB in a web process.

    >>> [tell_language(text, "EC", "en") for text in ("M30; نام شخصان", "M30; two people fell asleep", "M30; 2 OD")]
    ['ar', 'en', 'es']
    """
    possible = [code for code in list_possible(text) if code in LANGUAGES]
    if len(possible) == 1:
        return possible[0]
    said = re.findall(r"[^\W\d_]+", text.casefold())
    votes = {code: sum(word in _list_words(code) for word in said) for code in possible}
    best = [code for code in possible if votes[code] == max(votes.values())]
    spoken = [code for code in get_official_languages(country, de_facto=True) if code in LANGUAGES]
    return best[0] if len(best) == 1 else next((code for code in spoken if code in (best or LANGUAGES)), default)


@lru_cache(maxsize=len(LANGUAGES))
def _list_words(language: str) -> frozenset[str]:
    lists = read_lists(language)
    lines = (*lists.get("stopwords", ()), *lists.get("reported", ()))
    return frozenset(word for line in lines for word in line.split() if len(word) > 1)


def _find_place(words: str, country: str) -> tuple[str, str]:
    """Return country and region, empty if unknown."""
    words = words.replace("،", ",")
    if code := _CODE.fullmatch(words):
        country, words = code[1].upper(), words.upper()
    elif "," in words:
        words, _comma, named = words.rpartition(",")
        country = next(iter(parse_countries(named)[0]), "")
    elif not country or find_region(country, words) not in dict(list_regions(country)):
        found = parse_countries(words)[0]
        country, words = (found[0], "") if found else (country, words)
    region = find_region(country, words.strip())
    return country, region if region in dict(list_regions(country)) else ""
