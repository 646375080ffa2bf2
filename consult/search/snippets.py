"""The words around a match, as text: what comes from outside is never taken for markup."""

from __future__ import annotations

import re

_START, _STOP = "\ue000", "\ue001"
"""Characters for private use, which `clean` leaves in a text but nobody writes; in a text they are only lost."""
OPTIONS = (
    f'StartSel="{_START}", StopSel="{_STOP}", MaxFragments=2, MaxWords=40, MinWords=25, ShortWord=0, '
    'FragmentDelimiter=" … "'
)
"""For PostgreSQL's ts_headline. Source: PostgreSQL documentation, section 12.3.4."""


_ENDS = 20
"""Characters by which a snippet is known to begin, or to end, where its text does."""


def snippet(marked: str) -> list[tuple[str, bool]]:
    """Pairs of a text and whether it matched.

    >>> snippet("Set \\ue00080\\ue001 per cent <b>")
    [('Set ', False), ('80', True), (' per cent <b>', False)]
    """
    parts = re.split(f"{_START}([^{_START}{_STOP}]*){_STOP}", marked)
    return [(text.replace(_START, "").replace(_STOP, ""), number % 2 == 1) for number, text in enumerate(parts) if text]


def cut(parts: list[tuple[str, bool]], whole: str) -> list[tuple[str, bool]]:
    """The parts with an ellipsis where the text that they are from goes on.

    >>> cut([("ask ", False), ("them", True)], "Go and ask them.")
    [('…', False), ('ask ', False), ('them', True), ('…', False)]
    >>> cut([("Ask", True), (" them. ", False)], "Ask them.")
    [('Ask', True), (' them. ', False)]
    """
    shown, flat = " ".join("".join(text for text, _matched in parts).split()), " ".join(whole.split())
    before = [] if flat.startswith(shown[:_ENDS]) else [("…", False)]
    return [*before, *parts, *([] if flat.endswith(shown[-_ENDS:]) else [("…", False)])]
