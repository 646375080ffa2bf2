"""Exports of a draft. Each format can be imported again as the same draft."""

from __future__ import annotations

import json
from collections.abc import Sequence

from consult.core import sandbox
from consult.core.i18n import language_direction
from consult.documents.formats import akn_writer, markdown_writer
from consult.documents.formats.akn_writer import DraftMetadata
from consult.documents.model import ProvisionKind
from consult.documents.outline.reader import Outline
from consult.documents.outline.tree import HEADING_KINDS, Piece

MEDIA_TYPES = {
    "xml": "application/akn+xml",
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""The formats by file ending, with their media types."""


def export_draft(form: str, about: DraftMetadata, pieces: Sequence[Piece]) -> bytes:
    """Return the file of a draft in one of the formats."""
    if form == "xml":
        return akn_writer.write_xml(about, pieces)
    if form == "md":
        return markdown_writer.write_markdown(
            Outline(about.title, list(pieces), []), language=about.language, ids=True
        ).encode()
    rows = [
        {
            "heading": markdown_writer.printed_heading(piece) if piece.kind in HEADING_KINDS else "",
            "number": "" if piece.kind in HEADING_KINDS else markdown_writer.printed_number(piece),
            "point": piece.kind is ProvisionKind.POINT,
            "level": markdown_writer.printed_level(pieces, piece),
            "text": piece.text,
            "notes": piece.notes,
        }
        for piece in pieces
    ]
    written = json.dumps(
        {
            "title": about.title,
            "language": about.language,
            "rtl": language_direction(about.language) == "rtl",
            "pieces": rows,
        }
    ).encode()
    return sandbox.run("consult.documents.formats.word:write", written)
