"""Writer of a tree of provisions as Markdown that parses into the same tree."""

from __future__ import annotations

import re
from collections.abc import Sequence

from consult.core.languages import DEFAULT_LANGUAGE
from consult.documents.model import ProvisionKind
from consult.documents.outline import footnotes
from consult.documents.outline.markdown import BlockShape, GivenProvision, parse_blocks, plain_text
from consult.documents.outline.reader import Outline, parse_outline
from consult.documents.outline.tree import BULLET, HEADING_KINDS, Piece

_MARKS = re.compile(r"([\\*_`\[<])")
_WHOLE = re.compile(r"\d{1,3}(?:[a-z]|[ ]?(?:bis|ter|quater))?|[IVXLC]{1,6}|[^\W\d_]")
_FIRST_WORD = re.compile(r"\S{1,30}")
_MARK_AT_START = re.compile(r"(?<!\\)(?=[!-/:-@\[-`{-~])(?!\\)")


def write_markdown(split: Outline, *, language: str = DEFAULT_LANGUAGE, ids: bool = False) -> str:
    r"""Return the draft as people write it, with headings and numbers.

    Provisions that would then be parsed into another tree get their type in braces. With `ids`, trees with different
    ids count as different.

    >>> print(write_markdown(parse_outline("# Plan\n\n## Health\n\nStates shall:\n\n- test;\n- treat.")))
    # Plan
    <BLANKLINE>
    ## Health
    <BLANKLINE>
    States shall:
    <BLANKLINE>
    - test;
    <BLANKLINE>
    - treat.
    <BLANKLINE>
    """
    told = _document(split, [_as_written(split.pieces, piece) for piece in split.pieces])
    again = parse_outline(told, language=language)
    if again.title == split.title and _comparison_key(again, ids) == _comparison_key(split, ids):
        return told
    return _document(split, [_with_braces(piece) for piece in split.pieces])


def _comparison_key(split: Outline, ids: bool) -> list[tuple[object, ...]]:
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
    if piece.kind in HEADING_KINDS:
        head = (
            f"{'#' * min(2 + piece.depth, 6)} {_inline(printed_heading(piece), piece)}"
            if printed_heading(piece)
            else ""
        )
        return "\n\n".join(part for part in (head, text) if part)
    number = "-" if piece.number == BULLET else printed_number(piece)
    return _with_number(number, text, "    " * max(printed_level(pieces, piece) - 1, 0))


def printed_number(piece: Piece) -> str:
    """Return the number as it is printed. A number without a mark of its own is followed by a full stop."""
    return f"{piece.number}." if _WHOLE.fullmatch(piece.number) else piece.number


def printed_level(pieces: Sequence[Piece], piece: Piece) -> int:
    """Return the depth of a point among points from 1, the level of a heading from 1, or 0 for a paragraph."""
    if piece.kind is not ProvisionKind.POINT:
        return piece.depth + 1 if piece.kind in HEADING_KINDS else 0
    count, outer = 1, pieces[piece.parent] if piece.parent is not None else None
    while outer is not None and outer.kind is ProvisionKind.POINT:
        count, outer = count + 1, None if outer.parent is None else pieces[outer.parent]
    return count


def printed_heading(piece: Piece) -> str:
    """Return number and words of a heading, or an empty string for a preamble before the first heading."""
    if piece.eid == "preamble" and piece.position == 0:
        return ""
    if not piece.number or not piece.heading:
        return piece.number or piece.heading
    return f"{piece.number}{' ' if piece.number[0].isdecimal() else '. '}{piece.heading}"


def _with_number(number: str, text: str, indent: str) -> str:
    gap = "\n\n" if text.startswith("|") else " "
    return f"{indent}{number}{gap if number and text else ''}{text}".rstrip()


def _with_braces(piece: Piece) -> str:
    head = str(GivenProvision(piece.kind, piece.depth, piece.eid, piece.number))
    text = _text(piece)
    if piece.kind in HEADING_KINDS:
        head = f"{head} {_inline(piece.heading, piece)}".rstrip()
        return f"{head}\n\n{text}" if text else head
    return f"{head}{chr(10) * 2 if text.startswith('|') else ' '}{text}".rstrip()


def _text(piece: Piece) -> str:
    return "\n\n".join(_paragraph(part, piece) for part in piece.text.split("\n\n") if part)


def _paragraph(part: str, piece: Piece) -> str:
    """Return one paragraph or table in Markdown, with special characters escaped."""
    if "\n" in part:
        first, *rows = [f"| {_inline(row, piece)} |" for row in part.split("\n")]
        return "\n".join([first, "|" + " --- |" * (first.count(" | ") + 1), *rows])
    found = list(parse_blocks(part))
    if len(found) == 1 and found[0].shape is BlockShape.PARAGRAPH and not found[0].number and found[0].text == part:
        return _marked(part, piece)
    part = _MARKS.sub(r"\\\1", part)
    start = _FIRST_WORD.match(part)
    word = _MARK_AT_START.sub(r"\\", start[0]) if start else ""
    return _marked((f"\\{word}" if word[:1].isdecimal() else word) + part[len(start[0]) if start else 0 :], piece)


def _inline(words: str, piece: Piece | None = None) -> str:
    if plain_text(words) != words:
        words = _MARKS.sub(r"\\\1", words)
    if words.endswith("#"):  # at the end of a heading it would be read as its end
        words = f"{words[:-1]}\\#"
    return words if piece is None else _marked(words, piece)


def _marked(words: str, piece: Piece) -> str:
    """Restore the marks of footnotes, which were escaped before."""
    for mark in piece.notes:
        words = words.replace(f"\\[{mark}]", f"[{mark}]").replace(f"\\[{mark}\\]", f"[{mark}]")
    return footnotes.restore_marks(words, piece.notes)
