"""Blocks of a PDF page by page, from the places and sizes of its lines: a PDF does not mark paragraphs and headings."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pypdfium2.raw as pdfium

from consult.files.cleaning.blocks import Block

_BULLET = re.compile(r"[•●▪■◦‣–—*·-]\s|\(?[a-z]\)\s|\(?[ivx]{1,4}\)\s|\d{1,2}[.)]\s")
_SENTENCE_END = (".", ":", ";", "?", "!", "”", "؟", "۔")
_LARGER = 1.12
"""Ratio of the size of a heading to that of the running text."""
_HEADING_WORDS = 16


@dataclass(frozen=True)
class Line:
    """A line of a page. Coordinates are in points from the bottom left; `size` is the largest of its letters."""

    words: str
    page: int
    left: float
    right: float
    top: float
    bottom: float
    size: float
    bold: bool = False

    @property
    def shape(self) -> str:
        """Return its words with each number as `#`, to recognise running heads and page numbers."""
        return re.sub(r"\d+", "#", self.words).strip().lower()


def read_lines(textpage: Any, page: int) -> list[Line]:
    """Return the lines of a page in the order of the file."""
    lines: list[Line] = []
    for number in range(textpage.count_rects()):
        left, bottom, right, top = textpage.get_rect(number)
        words = textpage.get_text_bounded(left, bottom, right, top).replace("\r", " ").replace("\n", " ")
        if not words.strip():
            continue
        size, bold = _font(textpage, left, bottom, right, top)
        line = Line(words, page, left, right, top, bottom, size or top - bottom, bold)
        if lines and _same_line(lines[-1], line):
            lines[-1] = _join(lines[-1], line)
        else:
            lines.append(line)
    return [replace(line, words=" ".join(line.words.split())) for line in lines]


def _font(textpage: Any, left: float, bottom: float, right: float, top: float) -> tuple[float, bool]:
    """Return size in points and whether the letters in the middle of a rectangle are bold, or (0, False)."""
    across, along = (right - left) / 2, (top - bottom) / 2
    at = textpage.get_index(left + min(2.0, across), bottom + along, across, along)
    if at is None:
        return 0.0, False
    return float(pdfium.FPDFText_GetFontSize(textpage, at)), pdfium.FPDFText_GetFontWeight(textpage, at) >= 600


def _same_line(line: Line, following: Line) -> bool:
    shared = min(line.top, following.top) - max(line.bottom, following.bottom)
    least = min(line.top - line.bottom, following.top - following.bottom)
    return shared > least / 2 and following.left >= line.left and following.left - line.right < 4 * line.size


def _join(line: Line, more: Line) -> Line:
    space = "" if more.left - line.right < line.size * 0.15 or line.words.endswith(" ") else " "
    return Line(
        f"{line.words}{space}{more.words}",
        line.page,
        line.left,
        max(line.right, more.right),
        max(line.top, more.top),
        min(line.bottom, more.bottom),
        max(line.size, more.size),
        line.bold and more.bold,
    )


def build_blocks(lines: Sequence[Line], pages: int) -> list[Block]:
    """Return the blocks of lines: without running heads, with hyphens joined, headings by size and weight."""
    kept = [line for line in lines if line.shape not in _running_heads(lines, pages)]
    if not kept:
        return []
    body = statistics.mode(round(line.size, 1) for line in kept for _ in range(1 + len(line.words) // 20))
    groups = list(_group(kept, body))
    ranks = sorted({_rank_size(group) for group in groups if _is_heading(group, body)}, reverse=True)
    return [_block(group, body, ranks) for group in groups]


def _running_heads(lines: Sequence[Line], pages: int) -> set[str]:
    """Return the shapes of running heads: page numbers, and lines that recur on a third of the pages and on three.

    Only the first and last two lines of a page count, and only on pages of more than four lines.
    """
    edges: Counter[str] = Counter()
    by_page: dict[int, list[Line]] = {}
    for line in lines:
        by_page.setdefault(line.page, []).append(line)
    for of_page in by_page.values():
        ordered = sorted(of_page, key=lambda line: -line.top) if len(of_page) > 4 else []
        edges.update({line.shape for line in (*ordered[:2], *ordered[-2:])})
    return {shape for shape, count in edges.items() if count >= max(3, pages / 3)} | {"#", "- # -", "page #", "# / #"}


def _group(lines: Sequence[Line], body: float) -> Iterator[list[Line]]:
    """Yield the lines of each block. A wider gap, another size or a bullet begins a block."""
    gap = _usual_gap(lines, body)
    group: list[Line] = []
    for line in lines:
        if group and _begins_block(group, line, gap):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _usual_gap(lines: Sequence[Line], body: float) -> float:
    """Return the usual distance between baselines, in points."""
    steps = [
        before.bottom - line.bottom
        for before, line in pairwise(lines)
        if before.page == line.page and 0 < before.bottom - line.bottom < 3 * body
    ]
    return statistics.median_low(steps) if steps else 1.2 * body


def _begins_block(group: Sequence[Line], line: Line, gap: float) -> bool:
    last = group[-1]
    if abs(line.size - last.size) > 0.7 or line.bold != last.bold or _BULLET.match(line.words):
        return True
    if line.page != last.page or line.bottom > last.top:  # the next page or column
        return last.words.endswith(_SENTENCE_END) or _BULLET.match(group[0].words) is not None
    return last.bottom - line.bottom > 1.25 * gap


def _is_heading(group: Sequence[Line], body: float) -> bool:
    words = sum(len(line.words.split()) for line in group)
    larger = group[0].size >= _LARGER * body
    return words <= _HEADING_WORDS and (larger or (group[0].bold and not group[-1].words.endswith((".", ";", ","))))


def _rank_size(group: Sequence[Line]) -> float:
    return round(group[0].size + (0.1 if group[0].bold else 0), 1)


def _block(group: Sequence[Line], body: float, ranks: Sequence[float]) -> Block:
    words = _join_words([line.words for line in group])
    if _is_heading(group, body):
        rank = ranks.index(_rank_size(group))
        return Block(f"h{min(rank, 3) + 1}", words, group[0].page)
    if group[0].size < 0.87 * body and re.match(r"\[?\d{1,3}\b", words):
        return Block("note", words, group[0].page)
    return Block("item" if _BULLET.match(words) else "paragraph", words, group[0].page)


def _join_words(lines: Sequence[str]) -> str:
    """Join the lines of a block. A hyphen at the end of a line goes if the next one begins with a small letter.

    >>> _join_words(["The treat-", "ment of people", "with HIV-", "Related needs"])
    'The treatment of people with HIV-Related needs'
    """
    words = ""
    for line in lines:
        if words.endswith(("-", "\u00ad", "\u2010", "\x02")) and len(words) > 1 and words[-2].isalpha():
            words = (words[:-1] if line[:1].islower() else words.replace("\x02", "-")) + line
        else:
            words = f"{words} {line}".strip()
    return words.replace("\x02", "-").replace("\u00ad", "")
