"""Passages of a text in quotation marks, including nested ones."""

from __future__ import annotations

import re

_LONG = 60
"""The minimum length in characters. Shorter passages are single words or phrases."""
_CLOSERS = {"“": "”", "„": "“”", "«": "»", "»": "«", "「": "」", "『": "』", '"': '"'}
_FIRST = (*_CLOSERS, ">")
_MARK = re.compile("[" + "".join({*_CLOSERS, *"".join(_CLOSERS.values())}) + "]")
_CITED = re.compile(r"(?m)^[ \t]*>.*$")


def has_long_quotation(text: str) -> bool:
    """Return True if a text has a long passage in quotation marks or after the > of an e-mail."""
    if not any(mark in text for mark in _FIRST):
        return False
    return any(end - start >= _LONG for start, end in find_quotations(text))


def find_quotations(text: str) -> list[tuple[int, int]]:
    """Return the ranges of quotations and of lines that begin with “>”. Marks that are never closed are ignored.

    Of nested quotations only the outermost is returned.

    >>> text = 'They write: "It was called "reform" by all." I do not agree.'
    >>> [text[start:end] for start, end in find_quotations(text)]
    ['"It was called "reform" by all."']
    """
    quotations: list[tuple[int, int]] = []
    opened: list[int] = []
    for match in _MARK.finditer(text):
        at = match.start()
        top = text[opened[-1]] if opened else ""
        if top and match.group() in _CLOSERS[top] and not (top == '"' and _opens_quotation(text, at)):
            start = opened.pop()
            while quotations and quotations[-1][0] > start:
                quotations.pop()
            quotations.append((start, at + 1))
        elif match.group() in _CLOSERS and not (match.group() == top and _begins_line(text, at)):
            opened.append(at)
    return quotations + [match.span() for match in _CITED.finditer(text)] if ">" in text else quotations


def drop_quotations(text: str) -> str:
    """Return a text without what it quotes.

    >>> drop_quotations('They write: "It was called reform." I do not agree.')
    'They write:  I do not agree.'
    """
    kept, at = [], 0
    for start, end in sorted(find_quotations(text)):
        if start >= at:
            kept.append(text[at:start])
        at = max(at, end)
    return "".join([*kept, text[at:]])


def _opens_quotation(text: str, at: int) -> bool:
    """Return True if a straight mark inside a quotation opens another: space or colon before it, no space after."""
    return at > 0 and (text[at - 1].isspace() or text[at - 1] in ":([") and not text[at + 1 : at + 2].isspace()


def _begins_line(text: str, at: int) -> bool:
    """Return True if a mark only continues a quotation at the start of a paragraph."""
    return at > 0 and text[at - 1] == "\n"
