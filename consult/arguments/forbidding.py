"""Whether a statement says that something is not to be done: who says so stands against those who ask for it.

The words of the two are nearly the same, so likeness alone would count an opponent among the supporters.
"""

from __future__ import annotations

import re

from consult.analysis.normalise import words
from consult.analysis.wordlists import phrases, word_set

RULE = 1
"""The version of this file's rules."""
_FIRST = 10
_COURTESIES = word_set("courtesies") | {"please", "por", "favor", "s", "il", "vous", "plaît", "bitte", "رجاء", "نرجو"}
_BEGINS = re.compile(rf"(?:{'|'.join(phrases('prohibitions'))})(?!\S)")


def forbids(text: str) -> bool:
    """Whether it begins by forbidding.

    >>> forbids("Please do not set 80 per cent."), forbids("Set 80 per cent."), forbids("People do not live there.")
    (True, False, False)
    """
    said = words(text)[:_FIRST]
    while said and said[0] in _COURTESIES:
        said = said[1:]
    return _BEGINS.match(" ".join(said)) is not None
