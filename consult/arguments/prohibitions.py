"""Recognition of statements that oppose a measure, which must not be grouped with those that ask for it.

Both use nearly the same words, so similarity alone would count an opponent among the supporters.
"""

from __future__ import annotations

import re

from consult.analysis.text.normalise import split_words
from consult.analysis.text.wordlists import load_phrases, load_words

RULE = 1
"""The version of the rules in this file."""
_FIRST = 10
_COURTESIES = load_words("courtesies") | load_words("please")
_BEGINS = re.compile(rf"(?:{'|'.join(load_phrases('prohibitions'))})(?!\S)")


def is_prohibition(text: str) -> bool:
    """Return True if a text begins by forbidding something.

    >>> said = ("Please do not set 80 per cent.", "Set 80 per cent.", "People do not live there.")
    >>> tuple(is_prohibition(sentence) for sentence in said)
    (True, False, False)
    """
    said = split_words(text)[:_FIRST]
    while said and said[0] in _COURTESIES:
        said = said[1:]
    return _BEGINS.match(" ".join(said)) is not None
