"""Turns the output of the Akoma Ntoso reader into an outline with spoken numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from consult.core.languages import DEFAULT_LANGUAGE, find_language
from consult.documents.model import ProvisionKind
from consult.documents.outline import headings
from consult.documents.outline.reader import MAX_PROVISIONS, Outline
from consult.documents.outline.tree import OutlineTree, Piece

_COUNTED = (ProvisionKind.SECTION, ProvisionKind.PARAGRAPH)


def to_outline(found: Mapping[str, Any], language: str = DEFAULT_LANGUAGE) -> Outline:
    """The outline of a document from the output of `akn_reader.read`.

    Numbers that start again in every article become `5.1` and so on; what has none gets one.

    >>> row = {"eid": "", "heading": "", "notes": {}, "text": "Words."}
    >>> rows = [row | {"kind": "section", "depth": 0, "number": f"Article {n}"} for n in (4, 5)]
    >>> rows[1:1] = [row | {"kind": "paragraph", "depth": 1, "number": "1"}]
    >>> rows += [row | {"kind": "paragraph", "depth": 1, "number": number} for number in ("1", "")]
    >>> [piece.number for piece in to_outline({"title": "", "pieces": rows}).pieces]
    ['Article 4', '4.1', 'Article 5', '5.1', '5.2']
    """
    rows = found["pieces"]
    counts = Counter((row["kind"], row["number"]) for row in rows)
    again = {kind for (kind, number), count in counts.items() if count > 1 and number}
    tree, beside = OutlineTree(), Counter[tuple[int, ProvisionKind]]()
    for row in rows[: MAX_PROVISIONS + 1]:
        kind = ProvisionKind(row["kind"])
        parent = tree.last(row["depth"] - 1)
        counted = beside[parent.position, kind] if parent else 0
        number = _number(counted, parent, kind, row["number"], relative=row["kind"] in again)
        heading = row["heading"] or (find_language(language).preamble if row["eid"] == "preamble" else "")
        piece = Piece(kind, number, heading, row["text"], 0, notes=row["notes"])
        tree.add(piece, parent=parent, base=None if row["eid"] else parent, name=row["eid"])
        if parent:
            beside[parent.position, kind] += 1
    return Outline(found["title"], tree.pieces, tree.problems)


def _number(beside: int, parent: Piece | None, kind: ProvisionKind, number: str, *, relative: bool) -> str:
    """The spoken number of a provision that stands after so many of its kind under its parent."""
    if kind is ProvisionKind.CHAPTER:
        return headings.parse_heading(number)[1] or number
    if kind not in _COUNTED or parent is None or not parent.number:
        return number
    base = parent.number.split()[-1]
    if not number and kind is ProvisionKind.PARAGRAPH:
        return f"{base}.{beside + 1}"
    word, bare, _words = headings.parse_heading(number)
    return f"{base}.{bare or number}" if relative and number and not word and "." not in number else number
