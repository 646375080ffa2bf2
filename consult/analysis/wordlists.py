"""Word lists, kept as text beside the code so that people who know a language can mend them."""

from __future__ import annotations

import unicodedata
from importlib.resources import files


def word_set(name: str) -> frozenset[str]:
    """The words of a list; lines that begin with # are remarks.

    >>> "never" in word_set("negators")
    True
    """
    return frozenset(word for line in _lines(name) for word in line.split())


def phrases(name: str) -> list[str]:
    """The phrases of a list, one to a line, the longest first.

    >>> phrases("affirming_idioms")[-1]
    'بلا شك'
    """
    return sorted(_lines(name), key=len, reverse=True)


def sections(name: str) -> dict[str, frozenset[str]]:
    """The words of a list by the remark above them."""
    found: dict[str, set[str]] = {}
    head = ""
    for line in _read(name).splitlines():
        if line.startswith("#"):
            head = line[1:].strip()
        else:
            found.setdefault(head, set()).update(line.split())
    return {head: frozenset(words) for head, words in found.items()}


def opposites(name: str) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Pairs of sides: whatever stands on the one is the contrary of what stands on the other."""
    pairs = []
    for line in _lines(name):
        one, _, other = line.partition("|")
        pairs.append((frozenset(one.split()), frozenset(other.split())))
    return pairs


def _lines(name: str) -> list[str]:
    return [line for line in _read(name).splitlines() if line and not line.startswith("#")]


def _read(name: str) -> str:
    """A list in the form words are compared in, so that "begrüßen" is found in it."""
    text = files("consult.analysis").joinpath("words", f"{name}.txt").read_text(encoding="utf-8")
    return unicodedata.normalize("NFKC", text).casefold()
