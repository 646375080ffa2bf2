"""Turns the output of the Akoma Ntoso reader into an outline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consult.core.languages import DEFAULT_LANGUAGE, find_language
from consult.documents.model import ProvisionKind
from consult.documents.outline.reader import MAX_PROVISIONS, Outline
from consult.documents.outline.tree import OutlineTree, Piece


def to_outline(found: Mapping[str, Any], language: str = DEFAULT_LANGUAGE) -> Outline:
    """Return the outline of a document from the output of `akn_reader.read`, with its numbers and ids.

    >>> row = {"eid": "", "heading": "", "notes": {}, "text": "Words."}
    >>> rows = [row | {"kind": "section", "depth": 0, "number": "Article 4"}]
    >>> rows += [row | {"kind": "paragraph", "depth": 1, "number": number} for number in ("1", "")]
    >>> [(piece.number, piece.eid) for piece in to_outline({"title": "", "pieces": rows}).pieces]
    [('Article 4', 'art_4'), ('1', 'art_4__para_1'), ('', 'art_4__para_2')]
    """
    tree = OutlineTree()
    for row in found["pieces"][: MAX_PROVISIONS + 1]:
        kind = ProvisionKind(row["kind"])
        heading = row["heading"] or (find_language(language).preamble if kind is ProvisionKind.PREAMBLE else "")
        piece = Piece(kind, row["number"], heading, row["text"], 0, eid=row["eid"], notes=row["notes"])
        tree.add(piece, tree.last(row["depth"] - 1))
    return Outline(found["title"], tree.finish(), tree.problems)
