"""Blocks of a printed document as plain data, made by `layout.py` and rendered by `pdf.py` and `layout.typ`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict


class BlockItem(TypedDict, total=False):
    """A list item, table cell or number, with its link."""

    text: str
    url: str
    n: str
    label: str
    note: str
    note_url: str


class PlaceLine(TypedDict):
    """A part of the draft in a chart: name, count, and a square per comment, or a bar if there are too many."""

    name: str
    words: str
    url: str
    n: str
    squares: Sequence[tuple[str, bool]]  # type of each, and whether it is hollow
    bar: Sequence[tuple[str, float]]


Block = TypedDict(
    "Block",
    {
        "is": str,  # the kind of block
        "text": str,
        "url": str,
        "words": str,  # a person's words, in their language
        "lang": str,
        "way": str,  # direction of these words
        "by": str,
        "title": str,
        "source": str,
        "items": Sequence[BlockItem],
        "parts": Sequence[tuple[str, int]],  # types of comments in a bar, with their numbers
        "runs": Sequence[tuple[str, bool]],  # words of a sentence, and whether they are marked
        "changes": Sequence[tuple[str, str]],  # of a suggested wording: "same", "gone" or "new", and the words
        "places": Sequence[PlaceLine],
        "key": Sequence[tuple[str, str]],  # legend of a chart: types and their names
        "columns": Sequence[int],
        "head": Sequence[str],
        "rows": Sequence[Sequence[BlockItem]],
        "bars": Sequence[float],  # bars next to the rows of a table, as shares of the longest
        "wide": int,  # a table of many columns with long, wrapped names and a wider first column
        "spare": int,  # left out if a sheet does not fit on its page, highest first
    },
    total=False,
)


class PaperDocument(TypedDict):
    """A printed document: its blocks in the current language."""

    title: str
    lang: str
    dir: str
    one_page: bool
    author: str
    page: str
    blocks: Sequence[Block]
    lacking: str  # the note if characters were replaced
    letterhead: NotRequired[bool]  # whether each page shows the site's name; True by default
