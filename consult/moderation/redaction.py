"""Redaction: ranges, reasons and the public text. The original words are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from consult.submissions.content.covered_words import cover_words

_SHORT = "".join(
    rf"(?<!\b{word}\.)" for word in ("[A-Za-z]", "Dr", "Mr", "Mrs", "Ms", "No", "St", "vs", "Art", "Sr", "Sra")
)
"""Abbreviations and initials, such as U.S., after which no sentence ends."""
_ENDS = re.compile(rf"(?<=[.!?…؟。]){_SHORT}[\"”’»)]*\s+|\n+")


@dataclass(frozen=True, order=True)
class Redaction:
    """Hidden words of a comment: characters `[start, end)` of its body, and a reason code."""

    comment: int  # comment id
    start: int
    end: int
    reason: str

    @property
    def row(self) -> dict[str, Any]:
        """Return the form stored with a decision."""
        return asdict(self)


@dataclass(frozen=True)
class WordMark:
    """Marked words of a comment, shown to moderators: characters `[start, end)`."""

    comment: int  # comment id
    start: int
    end: int
    kind: str  # "found" or "added"


def merge_redactions(covers: Iterable[Redaction]) -> list[Redaction]:
    """Sort redactions and merge those that overlap or touch, keeping the first reason.

    >>> [c.end for c in merge_redactions([Redaction(1, 4, 9, "a"), Redaction(1, 0, 5, "b"), Redaction(2, 0, 1, "a")])]
    [9, 1]
    """
    kept: list[Redaction] = []
    for cover in sorted(covers):
        if kept and kept[-1].comment == cover.comment and cover.start <= kept[-1].end:
            last = kept.pop()
            cover = Redaction(last.comment, last.start, max(last.end, cover.end), last.reason)
        kept.append(cover)
    return kept


def list_redactions(comments: Iterable[tuple[int, Sequence[Mapping[str, Any]] | None]]) -> list[Redaction]:
    """Return the redactions in force of comments, given by id.

    >>> [cover.end for cover in list_redactions([(1, [{"start": 3, "end": 13, "reason": "third_person"}]), (2, None)])]
    [13]
    """
    return [Redaction(one, row["start"], row["end"], row["reason"]) for one, rows in comments for row in rows or ()]


def redact(body: str, covers: Sequence[Redaction]) -> str:
    """Return the public text, with a block for each redaction. Blocks typed by the author become squares.

    >>> redact("My cousin Ana in Lima", [Redaction(1, 3, 13, "third_person")])
    'My █████ in Lima'
    """
    return cover_words(body, [(cover.start, cover.end) for cover in merge_redactions(covers)])


def split_sentences(body: str) -> list[tuple[int, int]]:
    """Return the ranges of a text's sentences.

    >>> [("One. Two?\\nThree")[a:b] for a, b in split_sentences("One. Two?\\nThree")]
    ['One.', 'Two?', 'Three']
    >>> len(split_sentences("Mr. Lee works in the U.S. now. He is well."))
    2
    """
    found, at = [], 0
    for gap in _ENDS.finditer(body):
        if body[at : gap.start()].strip():
            found.append((at, gap.start()))
        at = gap.end()
    return [*found, (at, len(body))] if body[at:].strip() else found


def find_spans(body: str, words: str) -> list[tuple[int, int]]:
    """Return the ranges of words in a text, ignoring case and differences in spacing.

    >>> find_spans("My  Cousin, my cousin", "my cousin")
    [(0, 10), (12, 21)]
    """
    parts = [re.escape(part) for part in words.split()]
    if not parts:
        return []
    return [(found.start(), found.end()) for found in re.finditer(r"\s+".join(parts), body, re.IGNORECASE)]


def parse_redaction_lines(
    lines: str, bodies: dict[int, str], reasons: Mapping[str, str], otherwise: str
) -> list[Redaction]:
    """Parse words to hide, one passage on each line, with a reason from `reasons` or `otherwise`.

    Raises LookupError with the first line that is not in the text.

    >>> parse_redaction_lines("Ana", {1: "My cousin Ana"}, {}, "third_person")
    [Redaction(comment=1, start=10, end=13, reason='third_person')]
    """
    found: list[Redaction] = []
    for line in filter(None, (line.strip() for line in lines.splitlines())):
        places = [(one, *span) for one, body in bodies.items() for span in find_spans(body, line)]
        if not places:
            raise LookupError(line)
        found += [Redaction(*place, reasons.get(line, otherwise)) for place in places]
    return merge_redactions(found)
