"""A tree of provisions as the Markdown that gives the same tree when it is read again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from consult.documents import footnotes
from consult.documents.markdown import Given, Shape, blocks, plain
from consult.documents.model import ProvisionKind
from consult.documents.outline import Outline, outline
from consult.documents.tree import Piece

_MARKS = re.compile(r"([\\*_`\[<])")
_FIRST_WORD = re.compile(r"\S{1,30}")
_MARK_AT_START = re.compile(r"(?<!\\)(?=[!-/:-@\[-`{-~])(?!\\)")
HEADINGS = (ProvisionKind.PART, ProvisionKind.CHAPTER, ProvisionKind.SECTION)


def markdown(split: Outline, *, language: str = "en", ids: bool = False) -> str:
    """The draft as people write it, with headings and numbers; where that would be read as another tree, with what
    each provision is in braces before it. With `ids`, their ids count for what is the same tree.

    >>> print(markdown(outline("# Plan\\n\\n## Health\\n\\nStates shall:\\n\\n- test;\\n- treat.")))
    # Plan
    <BLANKLINE>
    ## 1 Health
    <BLANKLINE>
    1.1 States shall:
    <BLANKLINE>
    (a) test;
    <BLANKLINE>
    (b) treat.
    <BLANKLINE>
    """
    told = _document(split, [_as_written(split.pieces, piece) for piece in split.pieces])
    again = outline(told, language=language)
    if again.title == split.title and _kept(again, ids) == _kept(split, ids):
        return told
    return _document(split, [_given(piece) for piece in split.pieces])


def _kept(split: Outline, ids: bool) -> list[tuple[object, ...]]:
    return [
        (piece.kind, piece.number, piece.heading, piece.text, piece.notes, piece.parent, piece.eid if ids else "")
        for piece in split.pieces
    ]


def _document(split: Outline, written: Sequence[str]) -> str:
    title = [f"# {_inline(split.title)}"] if split.title else []
    notes = [
        "".join(f"\n\n[^{mark}]: {_inline(words)}" for mark, words in piece.notes.items()) for piece in split.pieces
    ]
    return "\n\n".join([*title, *(one + note for one, note in zip(written, notes, strict=True) if one + note)]) + "\n"


def _as_written(pieces: Sequence[Piece], piece: Piece) -> str:
    text = _text(piece)
    if piece.kind in HEADINGS:
        head = f"{'#' * min(2 + piece.depth, 6)} {_inline(heading(piece), piece)}" if heading(piece) else ""
        return "\n\n".join(part for part in (head, text) if part)
    return _begun(number(piece), text, "    " * max(level(pieces, piece) - 1, 0))


def number(piece: Piece) -> str:
    """The number as it is printed: a paragraph that goes by a whole number has a full stop behind it."""
    return f"{piece.number}." if piece.kind is ProvisionKind.PARAGRAPH and piece.number.isdecimal() else piece.number


def level(pieces: Sequence[Piece], piece: Piece) -> int:
    """How deep a point stands among points, from 1; the level of a heading, 1 for the outermost; 0 for a paragraph."""
    if piece.kind is not ProvisionKind.POINT:
        return piece.depth + 1 if piece.kind in HEADINGS else 0
    count, outer = 1, pieces[piece.parent] if piece.parent is not None else None
    while outer is not None and outer.kind is ProvisionKind.POINT:
        count, outer = count + 1, None if outer.parent is None else pieces[outer.parent]
    return count


def heading(piece: Piece) -> str:
    """Number and words of a heading; empty for a preamble, whose words stand before the first heading."""
    if piece.eid == "preamble" and piece.position == 0:
        return ""
    if not piece.number or not piece.heading:
        return piece.number or piece.heading
    return f"{piece.number}{' ' if piece.number[0].isdecimal() else '. '}{piece.heading}"


def _begun(number: str, text: str, indent: str) -> str:
    gap = "\n\n" if text.startswith("|") else " "
    return f"{indent}{number}{gap if number and text else ''}{text}".rstrip()


def _given(piece: Piece) -> str:
    head = str(Given(piece.kind, piece.depth, piece.eid, piece.number))
    text = _text(piece)
    if piece.kind in HEADINGS:
        head = f"{head} {_inline(piece.heading, piece)}".rstrip()
        return f"{head}\n\n{text}" if text else head
    return f"{head}{chr(10) * 2 if text.startswith('|') else ' '}{text}".rstrip()


def _text(piece: Piece) -> str:
    return "\n\n".join(_paragraph(part, piece) for part in piece.text.split("\n\n") if part)


def _paragraph(part: str, piece: Piece) -> str:
    """One paragraph or table. Marks are kept from being read as Markdown, where they would be."""
    if "\n" in part:
        first, *rows = [f"| {_inline(row, piece)} |" for row in part.split("\n")]
        return "\n".join([first, "|" + " --- |" * (first.count(" | ") + 1), *rows])
    found = list(blocks(part))
    if len(found) == 1 and found[0].shape is Shape.PARAGRAPH and not found[0].number and found[0].text == part:
        return _marked(part, piece)
    part = _MARKS.sub(r"\\\1", part)
    start = _FIRST_WORD.match(part)
    word = _MARK_AT_START.sub(r"\\", start[0]) if start else ""
    return _marked((f"\\{word}" if word[:1].isdecimal() else word) + part[len(start[0]) if start else 0 :], piece)


def _inline(words: str, piece: Piece | None = None) -> str:
    if plain(words) != words:
        words = _MARKS.sub(r"\\\1", words)
    if words.endswith("#"):  # at the end of a heading it would be read as its end
        words = f"{words[:-1]}\\#"
    return words if piece is None else _marked(words, piece)


def _marked(words: str, piece: Piece) -> str:
    """With the marks of its notes, which the step before has kept from being read as such."""
    for mark in piece.notes:
        words = words.replace(f"\\[{mark}]", f"[{mark}]").replace(f"\\[{mark}\\]", f"[{mark}]")
    return footnotes.marked(words, piece.notes)
