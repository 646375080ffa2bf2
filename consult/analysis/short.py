"""Short texts: those that only point to an attachment, in the languages a consultation is likely to meet."""

from __future__ import annotations

from consult.analysis.wordlists import word_set

_POINTERS = word_set("pointers")
_AROUND = word_set("around_pointers")
_MOST = 14


def only_points_to_an_attachment(words: list[str]) -> bool:
    """Whether a text says no more than that the comment is in a file; also when it has no word at all.

    >>> only_points_to_an_attachment("please see the attached comments of acme corp".split())
    True
    >>> only_points_to_an_attachment("i am attached to this land".split())
    False
    """
    if not words:
        return True
    if len(words) > _MOST:
        return False
    pointers = sum(word in _POINTERS for word in words) + ("附 件" in " ".join(words))
    around = sum(word in _AROUND for word in words)
    other = len(words) - pointers - around
    if not pointers or (words[0] == "i" and "am" in words):
        return False
    return other == 0 or (other <= 3 and around > other)
