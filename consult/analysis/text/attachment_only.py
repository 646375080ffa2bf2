"""Detection of short texts that only point to an attachment, in several languages."""

from __future__ import annotations

from consult.analysis.text.wordlists import load_words

_POINTERS = load_words("pointers")
_AROUND = load_words("around_pointers")
_MOST = 14


def is_attachment_only(words: list[str]) -> bool:
    """Return True if a text only says that the comment is in a file, or has no words at all.

    >>> is_attachment_only("please see the attached comments of acme corp".split())
    True
    >>> is_attachment_only("i am attached to this land".split())
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
