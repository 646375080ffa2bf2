"""Blocks of a printed document as plain data: made by `layout.py`, set by `pdf.py` and `layout.typ`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict


class BlockItem(TypedDict, total=False):
    """A line of a list, a cell of a table, or one of the numbers: what it says, and where it leads."""

    text: str
    url: str
    n: str
    label: str
    note: str
    note_url: str


Block = TypedDict(
    "Block",
    {
        "is": str,  # its kind
        "text": str,
        "url": str,
        "words": str,  # somebody's, in their language
        "lang": str,
        "way": str,  # the direction in which these words run
        "by": str,
        "title": str,
        "source": str,
        "items": Sequence[BlockItem],
        "parts": Sequence[tuple[str, int]],  # of a bar: stances, and how many take each
        "columns": Sequence[int],
        "head": Sequence[str],
        "rows": Sequence[Sequence[BlockItem]],
        "bars": Sequence[float],  # beside the rows of a table: the share of the longest
        "wide": int,  # a table of many columns with long names: these wrap, and the first is wider than the others
        "spare": int,  # left out, the highest first, where a sheet would not fit on its page
    },
    total=False,
)


class PaperDocument(TypedDict):
    """A paper: its blocks, in the language being spoken."""

    title: str
    lang: str
    dir: str
    one_page: bool
    author: str
    page: str
    blocks: Sequence[Block]
    lacking: str  # the note at the foot where characters had to be replaced
