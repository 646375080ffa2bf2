"""Word-level differences between texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from consult.core.lazy import LazyModule

_distance: Any = LazyModule("rapidfuzz.distance")
_TOKENS = re.compile(r"(\w+|[^\w\s]|^(?=\s))(\s*)")
_WORD = re.compile(r"\w")


class DiffMark(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class DiffRun:
    """Words with one mark. The earlier text consists of all but NEW, the later one of all but GONE."""

    mark: DiffMark
    text: str


def diff_words(before: str, after: str) -> list[DiffRun]:
    """Return two texts merged, with deletions and insertions marked by whole words.

    >>> [(run.mark.value, run.text) for run in diff_words("States may test.", "States shall test soon.")]
    [('same', 'States '), ('gone', 'may'), ('new', 'shall'), ('same', ' test'), ('new', ' soon'), ('same', '.')]
    """
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    codes = _distance.Indel.opcodes([word for word, _space in old], [word for word, _space in new])
    runs: list[DiffRun] = []
    gone, come = "", ""
    for code in codes:
        was, now = old[code.src_start : code.src_end], new[code.dest_start : code.dest_end]
        if code.tag != "equal" or ((gone or come) and _is_between_changes(was, last=code.src_end == len(old))):
            gone, come = gone + _text(was), come + _text(now)
            continue
        for (word, space), (_same, other) in zip(was, now, strict=True):
            runs += [*_changed(gone, come), *([DiffRun(DiffMark.SAME, word)] if word else [])]
            gone, come = space, other
    return _joined(runs + _changed(gone, come))


def changed_spans(before: str, after: str) -> list[tuple[int, int]]:
    """Return the changed character ranges of the earlier text. An insertion is an empty range.

    >>> changed_spans("States may test.", "States shall test soon.")
    [(7, 10), (15, 15)]
    """
    spans: list[tuple[int, int]] = []
    at = 0
    for run in diff_words(before, after):
        end = at + (len(run.text) if run.mark is not DiffMark.NEW else 0)
        if run.mark is not DiffMark.SAME:
            if spans and spans[-1][1] == at:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((at, end))
        at = end
    return spans


def shorten(runs: Sequence[DiffRun], around: int = 60) -> list[DiffRun]:
    """Return the changes, each with about `around` characters of unchanged text on either side, cut at a space.

    >>> long = DiffRun(DiffMark.SAME, "This paragraph begins long before ")
    >>> [run.text for run in shorten([long, DiffRun(DiffMark.NEW, "soon")], around=12)]
    ['… before ', 'soon']
    >>> after = DiffRun(DiffMark.SAME, " test all water daily")
    >>> [run.text for run in shorten([DiffRun(DiffMark.NEW, "shall"), after], around=12)]
    ['shall', ' test all … ']
    """
    last = len(runs) - 1
    return [
        run if run.mark is not DiffMark.SAME else DiffRun(run.mark, _near(run.text, around, at > 0, at < last))
        for at, run in enumerate(runs)
    ]


def _near(words: str, around: int, after: bool, before: bool) -> str:
    """Return the ends of unchanged words next to a change before or after them, or both."""
    if len(words) <= around * (after + before):
        return words
    start = words[:around].rpartition(" ")[0] if after else ""
    end = words[-around:].partition(" ")[2] if before else ""
    return f"{start} … {end}" if start else f"… {end}" if not after else f" … {end}"


def collide(one: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]) -> bool:
    """Return True if two changes concern the same words of a text, or insert at the same position.

    >>> collide([(7, 10)], [(9, 20)]), collide([(7, 10)], [(10, 20)]), collide([(7, 7)], [(7, 7)])
    (True, False, True)
    """
    return any(a == c or (a < d and c < b) for a, b in one for c, d in other)


def _text(tokens: Sequence[tuple[str, str]]) -> str:
    return "".join(word + space for word, space in tokens)


def _is_between_changes(same: Sequence[tuple[str, str]], *, last: bool) -> bool:
    """Return True if only punctuation is between two changes, which are then easier to read as one."""
    return not last and not any(_WORD.match(word) for word, _space in same)


def _changed(gone: str, come: str) -> list[DiffRun]:
    """Return deletion and insertion, with common punctuation and spaces at their ends unchanged."""
    if gone == come:
        return [DiffRun(DiffMark.SAME, gone)] if gone else []
    head, tail = "", ""
    while gone and come and gone[0] == come[0] and not _WORD.match(gone[0]):
        head, gone, come = head + gone[0], gone[1:], come[1:]
    while gone and come and gone[-1] == come[-1] and not _WORD.match(gone[-1]):
        tail, gone, come = gone[-1] + tail, gone[:-1], come[:-1]
    found = [
        DiffRun(DiffMark.SAME, head),
        DiffRun(DiffMark.GONE, gone),
        DiffRun(DiffMark.NEW, come),
        DiffRun(DiffMark.SAME, tail),
    ]
    return [run for run in found if run.text]


def _joined(runs: Sequence[DiffRun]) -> list[DiffRun]:
    joined: list[DiffRun] = []
    for run in runs:
        if joined and joined[-1].mark is run.mark:
            joined[-1] = DiffRun(run.mark, joined[-1].text + run.text)
        else:
            joined.append(run)
    return joined
