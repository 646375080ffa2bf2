"""Word lists of the checks. They are short on purpose, so that people can read them.

Each language in which drafts are written has a file in `words/`. Moderators notice what the lists miss.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from consult.core.languages import REGISTRY, parse_word_lists


@cache
def read_lists(language: str) -> dict[str, list[str]]:
    """Return the lists of a language as written in its file."""
    text = files("consult.moderation.checks").joinpath("words", f"{language}.txt").read_text(encoding="utf-8")
    return parse_word_lists(text)


def _lines(name: str) -> Iterator[str]:
    return (line for language in REGISTRY for line in read_lists(language.code).get(name, ()))


def _phrases(name: str) -> frozenset[str]:
    """Return the comma-separated phrases of a list in all languages."""
    lists = (" ".join(read_lists(language.code).get(name, ())) for language in REGISTRY)
    return frozenset(phrase.strip() for text in lists for phrase in text.split(",") if phrase.strip())


def _relation_pattern(line: str) -> str:
    """Return a pattern for relatives and friends of the writer.

    >>> _relation_pattern("mon ma | cousin cousine")
    '(?:[Mm]on|[Mm]a) (?:cousin|cousine)'
    """
    before, _bar, people = line.partition("|")
    own = "|".join(f"[{word[0].upper()}{word[0]}]{word[1:]}" for word in before.split())
    return f"(?:{own}) (?:{'|'.join(people.split())})"


RELATIONS = tuple(map(_relation_pattern, _lines("relations")))
RELATIONS_IN_A_WORD = _phrases("relations_in_a_word")
INTRODUCTIONS = tuple(re.escape(word) for line in _lines("introductions") for word in line.split())
TITLE_LANGUAGES, RELATION_LANGUAGES = (
    tuple(language.code for language in REGISTRY if any(name in read_lists(language.code) for name in names))
    for names in (("introductions",), ("relations", "relations_in_a_word"))
)
"""Languages in which names after a title, and relatives and friends of the writer, are searched for."""
ROUGH_WORDS = _phrases("rough")
THREATS = _phrases("threats")
ROUGH_LANGUAGES = [
    language.code for language in REGISTRY if any(read_lists(language.code).get(name) for name in ("rough", "threats"))
]
"""Languages in which offensive words are detected."""
COMMON_WORDS = {
    language.code: frozenset(word for line in lists["common"] for word in line.split())
    for language in REGISTRY
    if "common" in (lists := read_lists(language.code))
}
"""Common words that identify a language if its script does not."""
