"""Word lists: one text file for each language, so that its speakers can correct them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files

from consult.core.languages import REGISTRY, parse_word_lists
from consult.core.text import drop_silent

_FIRST = ("en", "fr", "es", "pt", "it", "de", "nl", "ru", "ar", "zh", "ja", "ko", "th")
LISTED_LANGUAGES = (*dict.fromkeys((*_FIRST, *(language.code for language in REGISTRY))), "others")
"""The languages with word lists in order of preference: the first one wins a tie."""


def load_words(name: str) -> frozenset[str]:
    """Return the words of a list in all languages.

    >>> "never" in load_words("negators"), "jamais" in load_words("negators")
    (True, True)
    """
    return frozenset(word for line in _lines(name) for word in line.split())


def load_words_apart(name: str) -> tuple[frozenset[str], ...]:
    """Return the words of a list as one set for each language that has it."""
    found = (read_lists(language).get(name, ()) for language in LISTED_LANGUAGES)
    return tuple(frozenset(word for line in lines for word in line.split()) for lines in found if lines)


def load_phrases(name: str) -> list[str]:
    """Return the phrases of a list, longest first. The list has one phrase per line.

    >>> load_phrases("affirming_idioms")[-1]
    'لا شك'
    """
    return sorted(_lines(name), key=len, reverse=True)


@cache
def compile_phrases(*lists: str) -> re.Pattern[str]:
    """Compile a case-insensitive pattern for any phrase of some lists, in all languages."""
    phrases = sorted({phrase for name in lists for phrase in load_phrases(name)}, key=len, reverse=True)
    spelt = "|".join(re.escape(phrase) for phrase in phrases).replace("ss", "(?:ss|ß)").replace("'", "['’]")
    return re.compile(rf"(?:{spelt})(?!\w)", re.IGNORECASE)


def load_opposites(name: str) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Return pairs of word sets. Each word of one set is the opposite of each word of the other."""
    pairs = []
    for line in _lines(name):
        one, _, other = line.partition("|")
        pairs.append((frozenset(one.split()), frozenset(other.split())))
    return pairs


def _lines(name: str) -> list[str]:
    return [line for language in LISTED_LANGUAGES for line in read_lists(language).get(name, ())]


@cache
def read_lists(language: str) -> dict[str, list[str]]:
    """Return the lists of a language, normalised in the same way as texts."""
    text = files("consult.analysis.text").joinpath("words", f"{language}.txt").read_text(encoding="utf-8")
    return parse_word_lists(unicodedata.normalize("NFKC", drop_silent(text)).casefold())
