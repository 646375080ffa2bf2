"""A draft in the forms in which it can be taken away. Each is read in again as the same draft."""

from __future__ import annotations

import json
from collections.abc import Sequence

from consult.core import child
from consult.core.i18n import direction
from consult.documents import akn_writer, writing
from consult.documents.akn_writer import About
from consult.documents.model import ProvisionKind
from consult.documents.outline import Outline
from consult.documents.tree import Piece

TYPES = {
    "xml": "application/akn+xml",
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""The forms, by the ending of the file's name, with their media types."""


def export(form: str, about: About, pieces: Sequence[Piece]) -> bytes:
    """The file of a draft in one of the forms."""
    if form == "xml":
        return akn_writer.xml(about, pieces)
    if form == "md":
        return writing.markdown(Outline(about.title, list(pieces), []), language=about.language, ids=True).encode()
    rows = [
        {
            "heading": writing.heading(piece) if piece.kind in writing.HEADINGS else "",
            "number": "" if piece.kind in writing.HEADINGS else writing.number(piece),
            "point": piece.kind is ProvisionKind.POINT, "level": writing.level(pieces, piece),
            "text": piece.text, "notes": piece.notes,
        }
        for piece in pieces
    ]  # fmt: skip
    written = json.dumps({
        "title": about.title, "language": about.language, "rtl": direction(about.language) == "rtl", "pieces": rows,
    }).encode()  # fmt: skip
    return child.run("consult.documents.word:write", written)
