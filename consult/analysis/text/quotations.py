"""Quotations: which passages of a text stand in quotation marks, one within another included."""

from __future__ import annotations

import re

_LONG = 60
"""Characters of a passage; less is a word or two."""
_CLOSERS = {"“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", '"': '"'}
_FIRST = (*_CLOSERS, ">")
_MARK = re.compile("[" + "".join({*_CLOSERS, *"".join(_CLOSERS.values())}) + "]")
_CITED = re.compile(r"(?m)^[ \t]*>.*$")


def has_long_quotation(text: str) -> bool:
    """Whether a text has a passage, not just a word or two, in quotation marks or behind the > of a mail."""
    if not any(mark in text for mark in _FIRST):
        return False
    return any(end - start >= _LONG for start, end in find_quotations(text))


def find_quotations(text: str) -> list[tuple[int, int]]:
    """The quoted ranges of a text; a mark that is never closed opens nothing.

    >>> text = 'They write: "It was called "reform" by all." I do not agree.'
    >>> [text[start:end] for start, end in find_quotations(text)]
    ['"It was called "reform" by all."']
    """
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    for match in _MARK.finditer(text):
        at = match.start()
        top = text[opened[-1]] if opened else ""
        if top and match.group() in _CLOSERS[top] and not (top == '"' and _opens_quotation(text, at)):
            start = opened.pop()
            while found and found[-1][0] > start:
                found.pop()
            found.append((start, at + 1))
        elif match.group() in _CLOSERS and not (match.group() == top and _begins_line(text, at)):
            opened.append(at)
    return found + [match.span() for match in _CITED.finditer(text)] if ">" in text else found


def _opens_quotation(text: str, at: int) -> bool:
    """Whether a straight mark within a quotation opens another: a space or colon before it and none after."""
    return at > 0 and (text[at - 1].isspace() or text[at - 1] in ":([") and not text[at + 1 : at + 2].isspace()


def _begins_line(text: str, at: int) -> bool:
    """Whether a mark only goes on with a quotation, as it does at the head of each paragraph."""
    return at > 0 and text[at - 1] == "\n"
