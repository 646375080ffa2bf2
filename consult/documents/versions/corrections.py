"""Corrections to a draft that was misread: kind, number, heading and level, and provisions merged or split."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.documents.model import ProvisionKind
from consult.documents.outline import labels
from consult.documents.outline.reader import Outline
from consult.documents.outline.tree import HEADING_KINDS, OutlineTree, Piece


def list_possible_parents(split: Outline, place: int) -> list[Piece]:
    """Return possible parents of a provision: the previous one and all its ancestors, outermost first."""
    parents: list[Piece] = []
    piece = split.pieces[place - 1] if place else None
    while piece is not None:
        parents.insert(0, piece)
        piece = None if piece.parent is None else split.pieces[piece.parent]
    return parents


def correct_piece(
    split: Outline, place: int, *, kind: ProvisionKind, number: str, heading: str, under: int | None
) -> Outline:
    """Return the draft with one provision corrected, including its children. `under` is a position, or None.

    >>> from consult.documents.outline.reader import parse_outline
    >>> split = parse_outline("## 1 Aims\\n\\n1.1 States:\\n\\n(a) test;\\n\\n(b) soon.")
    >>> right = correct_piece(split, 3, kind=ProvisionKind.POINT, number="(i)", heading="", under=2)
    >>> [(piece.number, piece.depth) for piece in right.pieces]
    [('1', 0), ('1.1', 1), ('(a)', 2), ('(i)', 3)]
    """
    wrong = split.pieces[place]
    heading, text = _heading_and_text(wrong, kind, heading)
    changed = replace(wrong, kind=kind, number=number, heading=heading, text=text)
    return _move(split, place, changed, 0 if under is None else split.pieces[under].depth + 1)


def indent_piece(split: Outline, place: int) -> Outline:
    r"""Return the draft with a provision and its contents one level deeper, under the previous provision.

    >>> from consult.documents.outline.reader import parse_outline
    >>> split = parse_outline("## 1 Aims\n\nOne:\n\nTwo.")
    >>> [(piece.kind.value, piece.depth) for piece in indent_piece(split, 2).pieces]
    [('chapter', 0), ('paragraph', 1), ('point', 2)]
    """
    piece = split.pieces[place]
    if place == 0 or split.pieces[place - 1].depth < piece.depth:
        return split
    body = piece.kind is ProvisionKind.PARAGRAPH
    outer = next(other for other in reversed(split.pieces[:place]) if other.depth == piece.depth)
    kind = ProvisionKind.POINT if body and outer.kind not in HEADING_KINDS else piece.kind
    return _move(split, place, replace(piece, kind=kind), piece.depth + 1)


def outdent_piece(split: Outline, place: int) -> Outline:
    """Return the draft with a provision and its contents one level further out."""
    piece = split.pieces[place]
    if piece.parent is None:
        return split
    above = split.pieces[piece.parent].parent
    point = piece.kind is ProvisionKind.POINT
    free = point and (above is None or split.pieces[above].kind in HEADING_KINDS)
    return _move(split, place, replace(piece, kind=ProvisionKind.PARAGRAPH if free else piece.kind), piece.depth - 1)


def join_piece(split: Outline, place: int) -> Outline:
    r"""Return the draft with a provision's number and words appended to the previous provision.

    >>> from consult.documents.outline.reader import parse_outline
    >>> split = parse_outline("## 1 Aims\n\n1.1 Help all\n\n2.5 million people.")
    >>> [piece.text for piece in join_piece(split, 2).pieces]
    ['', 'Help all 2.5 million people.']
    """
    if place == 0:
        return split
    piece, before = split.pieces[place], split.pieces[place - 1]
    words = " ".join(part for part in (piece.number.strip("•"), piece.heading, piece.text) if part)
    notes = before.notes | piece.notes
    if before.kind in HEADING_KINDS and not before.heading and not before.text:
        joined = replace(before, heading=words, notes=notes)
    else:
        gap = "\n\n" if not before.text or before.text.endswith((".", ";", ":", "!", "?", "؟", "؛")) else " "
        joined = replace(before, text=f"{before.text}{gap}{words}".strip(), notes=notes)
    rows = [(joined if other is before else other, other.depth) for other in split.pieces if other is not piece]
    inside, shift = _list_inside(split, place), before.depth - piece.depth
    return _rebuild(
        split, [(other, depth + (shift if other.position in inside else 0)) for other, depth in rows], inside
    )


def split_piece(split: Outline, place: int, words: str) -> Outline:
    r"""Return the draft with a provision divided before these words, which may begin with a label.

    Raises Refusal if the provision does not contain them.

    >>> from consult.documents.outline.reader import parse_outline
    >>> made = split_piece(parse_outline("## 1 Aims\n\n1.1 One. 1.2 Two."), 1, "1.2 Two")
    >>> [(piece.number, piece.text) for piece in made.pieces]
    [('1', ''), ('1.1', 'One.'), ('1.2', 'Two.')]
    """
    piece = split.pieces[place]
    at = piece.text.find(words.strip()) if words.strip() else -1
    if at <= 0:
        raise Refusal(_("Enter the first words of the new line exactly as they are in the text"), field="at")
    label, text = labels.split_label(piece.text[at:])
    first, kind = piece.text[:at].rstrip(), piece.kind if piece.kind not in HEADING_KINDS else ProvisionKind.PARAGRAPH
    notes = {mark: note for mark, note in piece.notes.items() if f"[{mark}]" in piece.text[at:]}
    left = {mark: note for mark, note in piece.notes.items() if mark not in notes}
    number = labels.bare_label(label) if label else ""
    after = Piece(kind, number, "", text, piece.line, notes=notes)
    point = (
        kind is ProvisionKind.PARAGRAPH and label and not labels.is_dotted(label) and not _is_alike(piece.number, label)
    )
    if point and piece.kind is ProvisionKind.PARAGRAPH:
        after.kind = ProvisionKind.POINT
    depth = piece.depth + (piece.kind in HEADING_KINDS or after.kind is not kind)
    rows: list[tuple[Piece, int]] = []
    for other in split.pieces:
        rows += (
            [(replace(other, text=first, notes=left), other.depth), (after, depth)]
            if other is piece
            else [(other, other.depth)]
        )
    return _rebuild(split, rows, _list_inside(split, place))


def _is_alike(number: str, label: str) -> bool:
    """Return True if two labels have the same numbering style, so that both can be in one list."""
    known = {reading.style for reading in labels.readings(number if number.endswith(")") else f"{number}.")}
    return bool(known & {reading.style for reading in labels.readings(label)})


def _list_inside(split: Outline, place: int) -> set[int]:
    """Return the positions of a provision and of those inside it."""
    inside = {place}
    for piece in split.pieces[place + 1 :]:
        if piece.parent in inside:
            inside.add(piece.position)
    return inside


def _move(split: Outline, place: int, changed: Piece, depth: int) -> Outline:
    inside, shift = _list_inside(split, place), depth - split.pieces[place].depth
    rows = [
        (changed if piece.position == place else piece, piece.depth + (shift if piece.position in inside else 0))
        for piece in split.pieces
    ]
    return _rebuild(split, rows, inside)


def _rebuild(split: Outline, rows: Sequence[tuple[Piece, int]], inside: Set[int]) -> Outline:
    """Return a draft of these pieces at these depths. Pieces at the positions `inside` get new ids."""
    tree = OutlineTree()
    for piece, wanted in rows:
        parent = None
        while wanted > 0 and parent is None:  # what stood in it may have nothing so deep to stand in any more
            wanted -= 1
            parent = tree.last(wanted)
        eid = "" if piece.position in inside else piece.eid
        tree.add(replace(piece, eid=eid, wid="", points=[]), parent)
    return Outline(split.title, tree.finish(), tree.problems)


def _heading_and_text(piece: Piece, kind: ProvisionKind, heading: str) -> tuple[str, str]:
    """Return heading and text. Only headings have a heading; otherwise its words become text."""
    if kind in HEADING_KINDS:
        first, _gap, rest = piece.text.partition("\n\n")
        short = not piece.heading and len(first) <= 300 and "\n" not in first
        return (heading or first, rest) if short and (not heading or heading == first) else (heading, piece.text)
    return "", "\n\n".join(part for part in (heading or piece.heading, piece.text) if part)
