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


class PlaceLine(TypedDict):
    """A place of a figure: its name, its count, and a square for each comment, or a bar where those are too many."""

    name: str
    words: str
    url: str
    n: str
    squares: Sequence[tuple[str, bool]]  # the stance of each, and whether it is hollow
    bar: Sequence[tuple[str, float]]


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
        "runs": Sequence[tuple[str, bool]],  # of a sentence: its words, and whether they are marked
        "changes": Sequence[tuple[str, str]],  # of a quoted amendment: "same", "gone" or "new", and the words
        "places": Sequence[PlaceLine],
        "key": Sequence[tuple[str, str]],  # of a figure: its stances, and their names
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
