"""Covering words: which, why, and what is left for the public to read. The words themselves are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

BLOCK = "█████"
"""What stands for covered words: always as long, so that it tells nothing of them."""

_RUN = re.compile("█+")
_ENDS = re.compile(r"(?<=[.!?…؟。])[\"”’»)]*\s+|\n+")


@dataclass(frozen=True, order=True)
class Cover:
    """Words `[start, end)` of one comment, in characters of its body, and the code of the reason to cover them."""

    comment: int  # its id
    start: int
    end: int
    reason: str

    @property
    def row(self) -> dict[str, Any]:
        """As it is stored with a decision."""
        return asdict(self)


def tidy(covers: Iterable[Cover]) -> list[Cover]:
    """In the order of the text; those that overlap or touch are one, for the reason of the first.

    >>> [c.end for c in tidy([Cover(1, 4, 9, "a"), Cover(1, 0, 5, "b"), Cover(2, 0, 1, "a")])]
    [9, 1]
    """
    kept: list[Cover] = []
    for cover in sorted(covers):
        if kept and kept[-1].comment == cover.comment and cover.start <= kept[-1].end:
            last = kept.pop()
            cover = Cover(last.comment, last.start, max(last.end, cover.end), last.reason)
        kept.append(cover)
    return kept


def hidden(comments: Iterable[tuple[int, Sequence[Mapping[str, Any]] | None]]) -> list[Cover]:
    """What is covered now in comments: each by its id, with its `redactions`.

    >>> [cover.end for cover in hidden([(1, [{"start": 3, "end": 13, "reason": "third_person"}]), (2, None)])]
    [13]
    """
    return [Cover(one, row["start"], row["end"], row["reason"]) for one, rows in comments for row in rows or ()]


def covered(body: str, covers: Sequence[Cover]) -> str:
    """The words the public may read: a block for each cover, in order. Blocks the author wrote become squares.

    >>> covered("My cousin Ana in Lima", [Cover(1, 3, 13, "third_person")])
    'My █████ in Lima'
    """
    parts, at = [], 0
    for cover in tidy(covers):
        parts += [_RUN.sub("■", body[at : cover.start]), BLOCK]
        at = cover.end
    return "".join([*parts, _RUN.sub("■", body[at:])])


def sentences(body: str) -> list[tuple[int, int]]:
    """Where the sentences of a text stand: for whoever chooses one rather than selecting words.

    >>> [("One. Two?\\nThree")[a:b] for a, b in sentences("One. Two?\\nThree")]
    ['One.', 'Two?', 'Three']
    """
    found, at = [], 0
    for gap in _ENDS.finditer(body):
        if body[at : gap.start()].strip():
            found.append((at, gap.start()))
        at = gap.end()
    return [*found, (at, len(body))] if body[at:].strip() else found


def places_of(body: str, words: str) -> list[tuple[int, int]]:
    """Where words stand in a text, whatever their case and the spaces between them.

    >>> places_of("My  Cousin, my cousin", "my cousin")
    [(0, 10), (12, 21)]
    """
    parts = [re.escape(part) for part in words.split()]
    if not parts:
        return []
    return [(found.start(), found.end()) for found in re.finditer(r"\s+".join(parts), body, re.IGNORECASE)]


def from_lines(lines: str, bodies: dict[int, str], reasons: Mapping[str, str], otherwise: str) -> list[Cover]:
    """Words to cover, given one piece a line: each for its reason in `reasons`, or for `otherwise`.

    Raises LookupError with the first line whose words are nowhere.

    >>> from_lines("Ana", {1: "My cousin Ana"}, {}, "third_person")
    [Cover(comment=1, start=10, end=13, reason='third_person')]
    """
    found: list[Cover] = []
    for line in filter(None, (line.strip() for line in lines.splitlines())):
        places = [(one, *span) for one, body in bodies.items() for span in places_of(body, line)]
        if not places:
            raise LookupError(line)
        found += [Cover(*place, reasons.get(line, otherwise)) for place in places]
    return tidy(found)
