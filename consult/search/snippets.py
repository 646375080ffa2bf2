"""Snippets around a match, as text: nothing that people wrote becomes markup."""

from __future__ import annotations

import re
from itertools import accumulate

from consult.core.scripts.confusables import get_skeleton
from consult.core.text import drop_silent_with_offsets

_START, _STOP = "\ue000", "\ue001"
"""Characters for private use, which `clean_text` leaves in a text but nobody writes; in a text they are only lost."""
_BETWEEN = " … "
HEADLINE_OPTIONS = (
    f'StartSel="{_START}", StopSel="{_STOP}", MaxFragments=2, MaxWords=40, MinWords=25, ShortWord=0, '
    f'FragmentDelimiter="{_BETWEEN}"'
)
"""For PostgreSQL's ts_headline. Source: PostgreSQL documentation, section 12.3.4."""


_ENDS = 20
"""Characters by which a snippet is known to begin, or to end, where its text does."""


def parse_snippet(marked: str) -> list[tuple[str, bool]]:
    """Pairs of a text and whether it matched.

    >>> parse_snippet("Set \\ue00080\\ue001 per cent <b>")
    [('Set ', False), ('80', True), (' per cent <b>', False)]
    """
    parts = re.split(f"{_START}([^{_START}{_STOP}]*){_STOP}", marked)
    return [(text.replace(_START, "").replace(_STOP, ""), number % 2 == 1) for number, text in enumerate(parts) if text]


def restore_spelling(parts: list[tuple[str, bool]], written: str) -> list[tuple[str, bool]]:
    """The parts as they are written, of words in the form that is compared; `written` is the whole text.

    >>> found = restore_spelling([("The ", False), ("rule", True)], "The ru\u00adle.")
    >>> found == [("The ", False), ("ru\u00adle", True)]
    True
    """
    sounded, places = drop_silent_with_offsets(written)
    sounded = get_skeleton(sounded)
    flat = "".join(text for text, _matched in parts)
    found: list[int] = []
    at = 0
    for number, piece in enumerate(flat.split(_BETWEEN)):
        if (at := sounded.find(piece, at)) < 0:
            return parts
        found += [-1] * (len(_BETWEEN) if number else 0) + [*range(at, at + len(piece))]
    shown = [
        written[places[at] : places[at + 1] if at + 1 == after else places[at] + 1] if at >= 0 else character
        for character, at, after in zip(flat, found, [*found[1:], -1], strict=True)
    ]
    ends = list(accumulate(len(text) for text, _matched in parts))
    return [("".join(shown[end - len(text) : end]), matched) for (text, matched), end in zip(parts, ends, strict=True)]


def add_ellipses(parts: list[tuple[str, bool]], whole: str) -> list[tuple[str, bool]]:
    """The parts with an ellipsis where the text that they are from goes on.

    >>> add_ellipses([("ask ", False), ("them", True)], "Go and ask them.")
    [('…', False), ('ask ', False), ('them', True), ('…', False)]
    >>> add_ellipses([("Ask", True), (" them. ", False)], "Ask them.")
    [('Ask', True), (' them. ', False)]
    """
    shown, flat = " ".join("".join(text for text, _matched in parts).split()), " ".join(whole.split())
    before = [] if flat.startswith(shown[:_ENDS]) else [("…", False)]
    return [*before, *parts, *([] if flat.endswith(shown[-_ENDS:]) else [("…", False)])]
