"""Corrections to a misread provision of a draft: kind, number, heading or parent."""

from __future__ import annotations

from consult.documents.model import ProvisionKind
from consult.documents.outline.reader import Outline
from consult.documents.outline.tree import OutlineTree, Piece


def list_possible_parents(split: Outline, place: int) -> list[Piece]:
    """Possible parents of a provision: the one before it and all that this one is in, outermost first."""
    found: list[Piece] = []
    piece = split.pieces[place - 1] if place else None
    while piece is not None:
        found.insert(0, piece)
        piece = None if piece.parent is None else split.pieces[piece.parent]
    return found


def correct_piece(
    split: Outline, place: int, *, kind: ProvisionKind, number: str, heading: str, under: int | None
) -> Outline:
    """The draft with one provision corrected; what stands in it goes with it. `under` is a position, None for none.

    >>> from consult.documents.outline.reader import parse_outline
    >>> split = parse_outline("## 1 Aims\\n\\n1.1 States:\\n\\n(a) test;\\n\\n(b) soon.")
    >>> right = correct_piece(split, 3, kind=ProvisionKind.POINT, number="(i)", heading="", under=2)
    >>> [(piece.number, piece.depth) for piece in right.pieces]
    [('1', 0), ('1.1', 1), ('(a)', 2), ('(i)', 3)]
    """
    wrong = split.pieces[place]
    depth = 0 if under is None else split.pieces[under].depth + 1
    inside = {place}
    tree = OutlineTree()
    for piece in split.pieces:
        if piece.parent in inside:
            inside.add(piece.position)
        wanted = piece.depth + (depth - wrong.depth if piece.position in inside else 0)
        parent = None
        while wanted > 0 and parent is None:  # what stood in it may have nothing so deep to stand in any more
            wanted -= 1
            parent = tree.last(wanted)
        made = Piece(piece.kind, piece.number, piece.heading, piece.text, piece.line, notes=piece.notes)
        if piece is wrong:
            made.kind, made.number = kind, number
            made.heading, made.text = _heading_and_text(piece, kind, heading)
        same = piece.position not in inside and piece.kind is not ProvisionKind.POINT
        tree.add(made, parent=parent, base=None if same else parent, name=piece.eid if same else "")
    return Outline(split.title, tree.pieces, tree.problems)


def _heading_and_text(piece: Piece, kind: ProvisionKind, heading: str) -> tuple[str, str]:
    """Heading and text: only what heads others has a heading; where it does not any more, the words are its text."""
    heads = kind in (ProvisionKind.PART, ProvisionKind.CHAPTER, ProvisionKind.SECTION)
    if heads:
        first, _gap, rest = piece.text.partition("\n\n")
        short = not piece.heading and len(first) <= 300 and "\n" not in first
        return (heading or first, rest) if short and (not heading or heading == first) else (heading, piece.text)
    return "", "\n\n".join(part for part in (heading or piece.heading, piece.text) if part)
