"""Snippets around a match, as plain text that templates escape."""

from __future__ import annotations

import re
from itertools import accumulate

from consult.core.scripts.confusables import get_skeleton
from consult.core.text import drop_silent_with_offsets

_START, _STOP = "\ue000", "\ue001"
"""Private-use characters as markers. People do not write them, and any in a text are removed from its snippet."""
_BETWEEN = " … "
HEADLINE_OPTIONS = (
    f'StartSel="{_START}", StopSel="{_STOP}", MaxFragments=2, MaxWords=40, MinWords=25, ShortWord=0, '
    f'FragmentDelimiter="{_BETWEEN}"'
)
"""Options of PostgreSQL's ts_headline. Source: PostgreSQL documentation, section 12.3.4."""
WHOLE_OPTIONS = f'StartSel="{_START}", StopSel="{_STOP}", HighlightAll=true'
"""Options for a short text that is shown whole."""


_ENDS = 20
"""Characters compared to detect whether a snippet includes the beginning or end of its text."""


def parse_snippet(marked: str) -> list[tuple[str, bool]]:
    """Return pairs of a text and whether it matched.

    >>> parse_snippet("Set \\ue00080\\ue001 per cent <b>")
    [('Set ', False), ('80', True), (' per cent <b>', False)]
    """
    parts = re.split(f"{_START}([^{_START}{_STOP}]*){_STOP}", marked)
    return [(text.replace(_START, "").replace(_STOP, ""), number % 2 == 1) for number, text in enumerate(parts) if text]


def restore_spelling(parts: list[tuple[str, bool]], written: str) -> list[tuple[str, bool]]:
    """Return the parts in their original spelling. `written` is the whole original text.

    >>> found = restore_spelling([("The ", False), ("rule", True)], "The ru\u00adle.")
    >>> found == [("The ", False), ("ru\u00adle", True)]
    True
    """
    sounded, places = drop_silent_with_offsets(written)
    sounded = get_skeleton(sounded)
    flat = "".join(text for text, _matched in parts)
    positions: list[int] = []
    at = 0
    for number, piece in enumerate(flat.split(_BETWEEN)):
        if (at := sounded.find(piece, at)) < 0:
            return parts
        positions += [-1] * (len(_BETWEEN) if number else 0) + [*range(at, at + len(piece))]
    shown = [
        written[places[at] : places[at + 1] if at + 1 == after else places[at] + 1] if at >= 0 else character
        for character, at, after in zip(flat, positions, [*positions[1:], -1], strict=True)
    ]
    ends = list(accumulate(len(text) for text, _matched in parts))
    return [("".join(shown[end - len(text) : end]), matched) for (text, matched), end in zip(parts, ends, strict=True)]


def add_ellipses(parts: list[tuple[str, bool]], whole: str) -> list[tuple[str, bool]]:
    """Add an ellipsis at each end where the snippet does not reach the end of its text.

    >>> add_ellipses([("ask ", False), ("them", True)], "Go and ask them.")
    [('…', False), ('ask ', False), ('them', True), ('…', False)]
    >>> add_ellipses([("Ask", True), (" them. ", False)], "Ask them.")
    [('Ask', True), (' them. ', False)]
    """
    shown, flat = " ".join("".join(text for text, _matched in parts).split()), " ".join(whole.split())
    before = [] if flat.startswith(shown[:_ENDS]) else [("…", False)]
    return [*before, *parts, *([] if flat.endswith(shown[-_ENDS:]) else [("…", False)])]
