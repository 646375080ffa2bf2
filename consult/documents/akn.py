"""What the reader of Akoma Ntoso found, as an outline with numbers that people can speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from consult.documents import headings
from consult.documents.model import ProvisionKind
from consult.documents.outline import PREAMBLE, Outline
from consult.documents.tree import Piece, Tree

_COUNTED = (ProvisionKind.SECTION, ProvisionKind.PARAGRAPH)


def outline_of(found: Mapping[str, Any], language: str = "en") -> Outline:
    """The outline of a document as `akn_reader.read` tells it.

    Numbers that start again in every article become `5.1` and so on; what has none gets one.

    >>> row = {"eid": "", "heading": "", "notes": {}, "text": "Words."}
    >>> rows = [row | {"kind": "section", "depth": 0, "number": f"Article {n}"} for n in (4, 5)]
    >>> rows[1:1] = [row | {"kind": "paragraph", "depth": 1, "number": "1"}]
    >>> rows += [row | {"kind": "paragraph", "depth": 1, "number": number} for number in ("1", "")]
    >>> [piece.number for piece in outline_of({"title": "", "pieces": rows}).pieces]
    ['Article 4', '4.1', 'Article 5', '5.1', '5.2']
    """
    rows = found["pieces"]
    counts = Counter((row["kind"], row["number"]) for row in rows)
    again = {kind for (kind, number), count in counts.items() if count > 1 and number}
    tree = Tree()
    for row in rows:
        kind = ProvisionKind(row["kind"])
        parent = tree.last(row["depth"] - 1)
        number = _number(tree.pieces, parent, kind, row["number"], relative=row["kind"] in again)
        heading = row["heading"] or (PREAMBLE.get(language, PREAMBLE["en"]) if row["eid"] == "preamble" else "")
        piece = Piece(kind, number, heading, row["text"], 0, notes=row["notes"])
        tree.add(piece, parent=parent, base=None if row["eid"] else parent, name=row["eid"])
    return Outline(found["title"], tree.pieces, tree.problems)


def _number(pieces: Sequence[Piece], parent: Piece | None, kind: ProvisionKind, number: str, *, relative: bool) -> str:
    if kind is ProvisionKind.CHAPTER:
        return headings.parse(number)[1] or number
    if kind not in _COUNTED or parent is None or not parent.number:
        return number
    base = parent.number.split()[-1]
    if not number and kind is ProvisionKind.PARAGRAPH:
        beside = sum(piece.parent == parent.position and piece.kind is kind for piece in pieces)
        return f"{base}.{beside + 1}"
    word, bare, _words = headings.parse(number)
    return f"{base}.{bare or number}" if relative and number and not word and "." not in number else number
