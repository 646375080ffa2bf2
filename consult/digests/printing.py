"""Prints the blocks of `sheet.py`: a tagged PDF (PDF/UA-1), or a DOCX. The same blocks give the same bytes.

Loaded when something is to be printed: no page needs it to start. Which fonts there are decides the looks, never
whether there is a file.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

_SOURCE = Path(__file__).with_name("sheet.typ")
_SIZES = ("10", "9.2", "8.5")
_LEAVING = ("0", "2", "1")
"""From which `spare` on blocks are left out where the sheet is longer than a page; 0: none."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_QUIET = RGBColor(0x56, 0x5A, 0x61)


def pdf(document: Mapping[str, Any]) -> bytes:
    """The document as a PDF; a sheet on one page, in smaller letters or without what it can spare."""
    tried = [(size, without) for without in _LEAVING for size in _SIZES] if document["one_page"] else [("10", "0")]
    data = json.dumps(document, ensure_ascii=False)
    for size, without in tried:
        given = {"data": data, "size": size, "without": without}
        compiler = typst.Compiler(_SOURCE, font_paths=_fonts(), sys_inputs=given)
        if not document["one_page"] or json.loads(compiler.query("<pages>", field="value", one=True)) == 1:
            break
    made = compiler.compile(format="pdf", pdf_standards=["ua-1"])
    return bytes(made) if isinstance(made, bytes) else b"".join(made or ())


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The fonts of this machine, and those that the printer brings along; looked for once."""
    return typst.Fonts()


def docx(document: Mapping[str, Any]) -> bytes:
    """The document for a word processor, with headings, lists and tables of its own kinds."""
    paper = Document()
    paper.core_properties.title, paper.core_properties.author = document["title"], document["author"]
    paper.core_properties.language, paper.core_properties.comments = document["lang"], ""
    for block in document["blocks"]:
        _add(paper, block)
    if document["dir"] == "rtl":
        for paragraph in paper.element.body.iter(qn("w:p")):
            paragraph.get_or_add_pPr().append(OxmlElement("w:bidi"))
    out = io.BytesIO()
    paper.save(out)
    return _same_each_time(out.getvalue())


def _add(paper: Any, block: Mapping[str, Any]) -> None:
    kind = block["is"]
    levels = {"title": 1, "heading": 2, "place": 3}
    if kind in levels:
        paper.add_heading(block["text"], levels[kind])
        if block.get("words"):
            paper.add_paragraph().add_run(block["words"]).italic = True
    elif kind == "numbers":
        _grid(
            paper, [[one["label"] for one in block["items"]], [f"{one['n']} ({one['note']})" for one in block["items"]]]
        )
    elif kind == "table":
        _grid(paper, [block["head"], *block["rows"]])
    elif kind == "list":
        for item in block["items"]:
            paper.add_paragraph(item, style="List Bullet")
    elif kind == "quote":
        paper.add_paragraph(block["text"], style="Intense Quote")
        _small(paper, block["source"])
    elif kind == "notice":
        paragraph = paper.add_paragraph()
        paragraph.add_run(f"{block['title']}: ").bold = True
        paragraph.add_run(block["text"])
    elif kind in ("over", "quiet", "bar"):
        _small(paper, block["text"])
    else:
        paper.add_paragraph(" · ".join(filter(None, (block["text"], block.get("by")))))


def _small(paper: Any, text: str) -> None:
    run = paper.add_paragraph().add_run(text)
    run.font.size, run.font.color.rgb = Pt(9), _QUIET


def _grid(paper: Any, rows: list[list[str]]) -> None:
    table = paper.add_table(rows=len(rows), cols=len(rows[0]), style="Light Grid Accent 1")
    for cells, row in zip(table.rows, rows, strict=True):
        for cell, text in zip(cells.cells, row, strict=True):
            cell.text = text
    header = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(header)


def _same_each_time(packed: bytes) -> bytes:
    """The file with the time of its packing taken out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _EPOCH), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
