"""A report in one short text: "place; sold as; what happened". Pure.

A place is the code of a region ("EC-E"), or the name of a region with its country ("Esmeraldas, Ecuador"); the country
may be left out where the site has one of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from consult.accounts.countries import parse_countries
from consult.core.text import clean_text, one_line
from consult.signals.places.regions import find_region, list_regions

MOST = 800  # characters
_PARTS = re.compile(r"\s*[;؛]\s*")
_CODE = re.compile(r"([A-Za-z]{2})-[A-Za-z0-9]{1,3}")


@dataclass(frozen=True)
class ShortReport:
    """What a text says; each part is empty where it does not say it."""

    country: str = ""
    region: str = ""
    product: str = ""
    body: str = ""

    @property
    def complete(self) -> bool:
        """Whether it can be filed as it is."""
        return bool(self.country and self.product and self.body and (self.region or not list_regions(self.country)))


def parse_text(text: str, country: str = "") -> ShortReport:
    """The parts of a text of which the first two end with a semicolon; without two semicolons all is what happened.

    >>> parse_text("Esmeraldas, Ecuador; M30 tablets; Two people fell asleep; one woke up")
    ShortReport(country='EC', region='EC-E', product='M30 tablets', body='Two people fell asleep; one woke up')
    >>> parse_text("إسميرالداس، EC; M30; Two").country
    'EC'
    """
    parts = _PARTS.split(clean_text(text)[:MOST], maxsplit=2)
    if len(parts) < 3:
        return ShortReport(country=country, body=clean_text(text)[:MOST])
    where, product, body = parts
    return ShortReport(*_find_place(one_line(where), country), one_line(product), body)


def _find_place(words: str, country: str) -> tuple[str, str]:
    """Country and region; empty where they are not known."""
    words = words.replace("،", ",")
    if code := _CODE.fullmatch(words):
        country, words = code[1].upper(), words.upper()
    elif "," in words:
        words, _comma, named = words.rpartition(",")
        country = next(iter(parse_countries(named)[0]), "")
    elif not country or not any(find_region(country, words) == code for code, _name in list_regions(country)):
        found = parse_countries(words)[0]
        country, words = (found[0], "") if found else (country, words)
    region = find_region(country, words.strip())
    return country, region if region in dict(list_regions(country)) else ""
