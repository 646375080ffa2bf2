"""Text of a document as blocks: headings, paragraphs, list items, table rows and footnotes.

A block has the number of its page if the format has pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

KINDS = ("title", "h1", "h2", "h3", "h4", "paragraph", "item", "row", "note")
SEPARATOR = "\n\n"
"""Between the blocks of a text. No block contains it."""
_PAGE_LIMIT = 100_000


@dataclass(frozen=True)
class Block:
    """One block. `page` counts from 1, or is 0 where the format has no pages."""

    kind: str
    words: str
    page: int = 0


def join_blocks(blocks: Sequence[Block]) -> str:
    """Return the text of blocks, which `split_blocks` takes apart again.

    >>> join_blocks([Block("h1", "One\\n\\n two"), Block("paragraph", "Three")])
    'One\\ntwo\\n\\nThree'
    """
    return SEPARATOR.join(_tidy(block.words) for block in blocks)


def outline_of(blocks: Sequence[Block]) -> list[list[str | int]]:
    """Return kind and page of each block, as stored with the text of the file."""
    return [[block.kind, block.page] for block in blocks]


def find_page_starts(blocks: Sequence[Block], page_count: int) -> list[int]:
    """Return the position in the joined text where each page begins. A page without text begins where the next does.

    >>> find_page_starts([Block("h1", "One", 1), Block("paragraph", "Two", 3)], 3)
    [0, 5, 5]
    """
    starts: list[int] = []
    position = 0
    for block in blocks:
        starts += [position] * (block.page - len(starts))
        position += len(_tidy(block.words)) + len(SEPARATOR)
    return (starts + [position] * (page_count - len(starts)))[:page_count]


def split_blocks(text: str, outline: Sequence[Sequence[str | int]]) -> list[Block]:
    """Return the blocks of a stored text. Without an outline that fits, every part of the text is a paragraph.

    >>> split_blocks("One\\n\\nTwo", [["h1", 1], ["paragraph", 2]])[1]
    Block(kind='paragraph', words='Two', page=2)
    """
    parts = [part for part in text.split(SEPARATOR) if part.strip()]
    if len(outline) != len(parts):
        return [Block("paragraph", part.strip()) for part in parts]
    return [Block(str(kind), part, int(page)) for part, (kind, page) in zip(parts, outline, strict=True)]


def limit_blocks(blocks: Iterable[Block], most: int) -> list[Block]:
    """Return the blocks that are not empty, up to `most` characters of text in all. The last one is cut there."""
    kept, left = [], most
    for block in blocks:
        words = _tidy(block.words)[: max(0, left)].rstrip()
        if words:
            kept.append(Block(block.kind, words, block.page))
            left -= len(words) + len(SEPARATOR)
        if left <= 0:
            break
    return kept


def check_outline(value: object) -> list[list[str | int]]:
    """Return an outline as a parser process sent it. Raises ValueError for anything else."""
    if not isinstance(value, list):
        raise ValueError("an outline is a list")
    outline: list[list[str | int]] = []
    for kind, page in value:
        if kind not in KINDS or not isinstance(page, int) or not 0 <= page <= _PAGE_LIMIT:
            raise ValueError("a block has a known kind and a page")
        outline.append([kind, page])
    return outline


def _tidy(words: str) -> str:
    lines = (line.strip() for line in words.replace("\x00", "").splitlines())
    return "\n".join(line for line in lines if line)
