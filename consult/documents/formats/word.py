"""Reader of the paragraphs of Word files, and writer of drafts as Word files. Both run in a child process."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from typing import Any

import docx
from docx.shared import Cm, Pt
from lxml import etree

from consult.documents.formats import docx_style
from consult.documents.formats.word_paragraphs import WordParagraphs

_MEMBERS, _UNPACKED = 2_000, 60 * 2**20


def read(data: bytes) -> bytes:
    """Return JSON with the `rows` of a document for `outline.headings.SourceLine`, or an error code as `refused`."""
    if (refused := _find_fault(data)) is not None:
        return json.dumps({"refused": refused}).encode()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            rows = WordParagraphs(packed).list_rows()
    except (etree.XMLSyntaxError, zipfile.BadZipFile, KeyError, EOFError, OSError, zlib.error):
        return json.dumps({"refused": "broken"}).encode()
    return json.dumps({"rows": rows}).encode()


def _find_fault(data: bytes) -> str | None:
    """Return why a file must not be opened, or None. Reads only the start of each part."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
            if len(members) > _MEMBERS or sum(member.file_size for member in members) > _UNPACKED:
                return "bomb"
            if any(member.flag_bits & 1 for member in members):
                return "locked"
            if "word/document.xml" not in packed.namelist():
                return "not-word"
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with packed.open(member) as part:
                        if b"<!DOCTYPE" in part.read(4096):
                            return "entities"
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, OSError, EOFError):
        return "broken"
    return None


def write(data: bytes) -> bytes:
    """Return the Word file of a draft given as JSON: `title`, `language`, `rtl` and `pieces`.

    Pieces have heading (as printed), number, text, notes, and the level of a heading or point (from 1; 0 for a
    paragraph).
    """
    draft = json.loads(data)
    made = docx.Document()
    for level in range(1, 5):
        style = made.styles.add_style(f"Draft Point {level}", 1)
        style.base_style = made.styles["Normal"]
        style.paragraph_format.left_indent = Cm(1 + 0.8 * level)
    made.styles.add_style("Draft Note", 1).font.size = Pt(9)
    made.core_properties.title = draft["title"]
    made.core_properties.author, made.core_properties.language = "", draft["language"]
    docx_style.apply_style(made, draft["language"], rtl=draft["rtl"])
    if draft["title"]:
        made.add_heading(draft["title"], 0)
    for piece in draft["pieces"]:
        _write_piece(made, piece)
    for mark, words in {mark: words for piece in draft["pieces"] for mark, words in piece["notes"].items()}.items():
        made.add_paragraph(f"[{mark}] {words}", style="Draft Note")
    docx_style.set_direction(made.element.body, rtl=draft["rtl"])
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def _write_piece(made: Any, piece: dict[str, Any]) -> None:
    first, *more = piece["text"].split("\n\n")
    number = piece["number"]
    if piece["heading"]:
        made.add_heading(piece["heading"], min(piece["level"], 5))
    style = f"Draft Point {min(piece['level'], 4)}" if piece["point"] and number else "Normal"
    if "\n" in first:
        more, first = [first, *more], ""
    if number or first:
        made.add_paragraph(f"{number} {first}".strip(), style=style)
    for part in more:
        if "\n" in part:
            rows = [line.split(" | ") for line in part.split("\n")]
            table = made.add_table(rows=len(rows), cols=max(len(row) for row in rows))
            for place, row in enumerate(rows):
                for column, cell in enumerate(row):
                    table.cell(place, column).text = cell
            docx_style.style_table(table)
        elif part:
            made.add_paragraph(part, style=style)
