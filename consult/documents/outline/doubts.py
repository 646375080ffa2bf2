"""Lines of an outline that a person should check.

They are found from the outline alone, so corrected lines are not listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from consult.documents.model import ProvisionKind
from consult.documents.outline import labels
from consult.documents.outline.tree import BULLET, HEADING_KINDS, Piece
from consult.documents.outline.words import split_keyword


class OutlineDoubtKind(StrEnum):
    TWICE = "twice"  # its number is used twice under one parent
    LEVEL = "level"  # its number does not follow the one before it
    EMPTY = "empty"  # a heading or number without text


@dataclass(frozen=True)
class OutlineDoubt:
    """Something about the piece at a position that may have been misread."""

    kind: OutlineDoubtKind
    position: int


def list_doubts(pieces: Sequence[Piece]) -> list[OutlineDoubt]:
    """Return the doubts about an outline in order, at most one for each piece.

    >>> kind = ProvisionKind.PARAGRAPH
    >>> rows = [Piece(kind, number, "", "Words.", 1, position=n) for n, number in enumerate(("1", "2", "2", "4"))]
    >>> [(doubt.kind.value, doubt.position) for doubt in list_doubts(rows)]
    [('twice', 2), ('level', 3)]
    """
    inside: dict[int | None, list[Piece]] = defaultdict(list)
    for piece in pieces:
        inside[piece.parent].append(piece)
    doubts: list[OutlineDoubt] = []
    for group in inside.values():
        numbered = [piece for piece in group if piece.number not in ("", BULLET)]
        seen: set[tuple[ProvisionKind, str]] = set()
        before: Piece | None = None
        for piece in numbered:
            if (piece.kind, piece.number) in seen:
                doubts.append(OutlineDoubt(OutlineDoubtKind.TWICE, piece.position))
            elif _is_out_of_order(before, piece):
                doubts.append(OutlineDoubt(OutlineDoubtKind.LEVEL, piece.position))
            seen.add((piece.kind, piece.number))
            before = piece
    placed = {doubt.position for doubt in doubts}
    for piece in pieces:
        if not piece.text and not inside[piece.position] and piece.position not in placed:
            doubts.append(OutlineDoubt(OutlineDoubtKind.EMPTY, piece.position))
    return sorted(doubts, key=lambda doubt: doubt.position)


def _is_out_of_order(before: Piece | None, piece: Piece) -> bool:
    """Return True if a number neither begins a list nor follows the previous number."""
    if piece.kind in HEADING_KINDS:
        number = _counted(piece)
        if before is None or before.kind is not piece.kind:
            return False  # articles count on from chapter to chapter
        former = _counted(before)
        return bool(number and former) and not labels.follows(former, number) and labels.bare_label(former) != number
    label = _label(piece)
    if before is None or before.kind is not piece.kind:
        return piece.kind is ProvisionKind.POINT and not labels.is_first(label)
    return not labels.follows(_label(before), label) and not (
        labels.is_first(label) and labels.readings(label) and not _alike(before, piece)
    )


def _alike(first: Piece, other: Piece) -> bool:
    styles = [{reading.style for reading in labels.readings(_label(piece))} for piece in (first, other)]
    return bool(styles[0] & styles[1])


def _label(piece: Piece) -> str:
    return piece.number if piece.number.endswith(")") or "." in piece.number else f"{piece.number}."


def _counted(piece: Piece) -> str:
    """Return the number of a heading as a label, or an empty string for a number in words."""
    doubts = split_keyword(piece.number)
    number = piece.number.split()[-1] if doubts or "§" in piece.number else piece.number
    number = number if labels.is_dotted(number) else f"{number.strip('().')}."
    return number if labels.is_dotted(number) or labels.readings(number) else ""
