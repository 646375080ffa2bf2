"""Word lists: one text file a language, so that speakers of a language can correct them."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

from consult.core.languages import REGISTRY, parse_word_lists
from consult.core.text import drop_silent

_FIRST = ("en", "fr", "es", "pt", "it", "de", "nl", "ru", "ar", "zh", "ja", "ko", "th")
LISTED_LANGUAGES = (*dict.fromkeys((*_FIRST, *(language.code for language in REGISTRY))), "others")
"""The files of words, in the order in which they are tried: of two languages that are as likely, the first is taken."""


def load_words(name: str) -> frozenset[str]:
    """The words of a list in all languages.

    >>> "never" in load_words("negators"), "jamais" in load_words("negators")
    (True, True)
    """
    return frozenset(word for line in _lines(name) for word in line.split())


def load_words_apart(name: str) -> tuple[frozenset[str], ...]:
    """The words of a list, a set for each language that has it."""
    found = (read_lists(language).get(name, ()) for language in LISTED_LANGUAGES)
    return tuple(frozenset(word for line in lines for word in line.split()) for lines in found if lines)


def load_phrases(name: str) -> list[str]:
    """The phrases of a list, one to a line, the longest first.

    >>> load_phrases("affirming_idioms")[-1]
    'لا شك'
    """
    return sorted(_lines(name), key=len, reverse=True)


def load_opposites(name: str) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Pairs of sides: whatever stands on the one is the contrary of what stands on the other."""
    pairs = []
    for line in _lines(name):
        one, _, other = line.partition("|")
        pairs.append((frozenset(one.split()), frozenset(other.split())))
    return pairs


def _lines(name: str) -> list[str]:
    return [line for language in LISTED_LANGUAGES for line in read_lists(language).get(name, ())]


@cache
def read_lists(language: str) -> dict[str, list[str]]:
    """The lists of a language in the form words are compared in, so that "begrüßen" is found in them."""
    text = files("consult.analysis.text").joinpath("words", f"{language}.txt").read_text(encoding="utf-8")
    return parse_word_lists(unicodedata.normalize("NFKC", drop_silent(text)).casefold())
