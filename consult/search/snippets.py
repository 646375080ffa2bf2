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


def snippet(marked: str) -> list[tuple[str, bool]]:
    """Pairs of a text and whether it matched.

    >>> snippet("Set \\ue00080\\ue001 per cent <b>")
    [('Set ', False), ('80', True), (' per cent <b>', False)]
    """
    parts = re.split(f"{_START}([^{_START}{_STOP}]*){_STOP}", marked)
    return [(text.replace(_START, "").replace(_STOP, ""), number % 2 == 1) for number, text in enumerate(parts) if text]
