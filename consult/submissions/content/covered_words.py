"""The public words of a comment of which parts are hidden. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from consult.submissions.values import REDACTION_BLOCK

Span = tuple[int, int]
_RUN = re.compile("█+")


def cover_words(body: str, spans: Iterable[Span]) -> str:
    """Return the words with a block for each span.

    Spans are in order and do not overlap. Blocks in the text become squares.

    >>> cover_words("My cousin Ana in Lima", [(3, 13)])
    'My █████ in Lima'
    """
    parts, at = [], 0
    for start, end in spans:
        parts += [_RUN.sub("■", body[at:start]), REDACTION_BLOCK]
        at = end
    return "".join([*parts, _RUN.sub("■", body[at:])])


def to_public_span(body: str, redactions: Sequence[Mapping[str, Any]] | None, start: int, end: int) -> Span | None:
    """Return the position of a range of a comment in its public words, or None if an end of the range is hidden.

    >>> to_public_span("My cousin Ana in Lima", [{"start": 3, "end": 13}], 14, 21)
    (9, 16)
    >>> to_public_span("My cousin Ana in Lima", [{"start": 3, "end": 13}], 5, 21) is None
    True
    """
    spans = [(row["start"], row["end"]) for row in redactions or ()]
    if any(left < at < right for left, right in spans for at in (start, end)):
        return None
    if any(left <= start and end <= right for left, right in spans):
        return None
    first, last = (len(cover_words(body[:at], [span for span in spans if span[1] <= at])) for at in (start, end))
    return first, last
