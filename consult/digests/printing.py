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
from docx.shared import Pt

from consult.digests import words
from consult.documents import dress

_SOURCE = Path(__file__).with_name("sheet.typ")
_SIZES = ("10", "9.2", "8.5")
_LEAVING = ("0", "2", "1")
"""From which `spare` on blocks are left out where the sheet is longer than a page; 0: none."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


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
    """The document for a word processor, with headings, lists, tables and links of its own kinds."""
    paper = Document()
    paper.core_properties.title, paper.core_properties.author = document["title"], document["author"]
    paper.core_properties.language, paper.core_properties.comments = document["lang"], ""
    dress.dress(paper, document["lang"], rtl=document["dir"] == "rtl")
    for block in document["blocks"]:
        _add(paper, block)
    dress.turn(paper.element.body, rtl=document["dir"] == "rtl")
    out = io.BytesIO()
    paper.save(out)
    return _same_each_time(out.getvalue())


def _add(paper: Any, block: Mapping[str, Any]) -> None:
    kind, url = block["is"], block.get("url", "")
    levels = {"title": 1, "heading": 2, "place": 3}
    if kind in levels:
        words.linked(paper.add_heading("", levels[kind]), block["text"], url)
        if block.get("words"):
            said = paper.add_paragraph()
            said.add_run(block["words"]).italic, said.paragraph_format.keep_with_next = True, True
    elif kind == "point":
        words.linked(paper.add_paragraph(), block["text"], url).bold = True
    elif kind == "numbers":
        _grid(paper, *_numbers(block["items"]))
    elif kind == "table":
        _grid(paper, block["head"], block["rows"])
    elif kind == "list":
        for item in block["items"]:
            words.linked(paper.add_paragraph(style="List Bullet"), item["text"], item["url"])
    elif kind == "quote":
        paper.add_paragraph(block["text"], style="Quote")
        _small(paper, block["source"], url)
    elif kind in ("notice", "words"):
        paragraph = paper.add_paragraph()
        paragraph.add_run(f"{block['title']}: " if kind == "notice" else block["text"]).bold = True
        paragraph.add_run(block["text"] if kind == "notice" else block["words"]).italic = kind == "words"
    elif kind == "bar":
        if block["parts"]:
            words.bar(paper, block["parts"], block["text"])
        _small(paper, block["text"]).paragraph_format.keep_with_next = bool(block["parts"])
    elif kind in ("over", "quiet", "columns"):
        _small(paper, block["text"], url)
    else:
        paper.add_paragraph(" · ".join(filter(None, (block["text"], block.get("by")))))


def _numbers(items: list[Mapping[str, Any]]) -> tuple[list[str], list[list[Mapping[str, str]]]]:
    """The four numbers as a table: what each counts, how many are new, how many there are in all."""
    new: list[Mapping[str, str]] = [{"text": one["n"], "url": one["url"]} for one in items]
    return [one["label"] for one in items], [new, [{"text": one["note"], "url": one["note_url"]} for one in items]]


def _small(paper: Any, text: str, url: str = "") -> Any:
    paragraph = paper.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(3)
    run = words.linked(paragraph, text, url)
    run.font.size = Pt(9)
    if not url:
        run.font.color.rgb = dress.QUIET
    return paragraph


def _grid(paper: Any, head: list[str], rows: list[list[Mapping[str, str]]]) -> None:
    table = paper.add_table(rows=1, cols=len(head))
    for cell, text in zip(table.rows[0].cells, head, strict=True):
        cell.text = text
    for row in rows:
        for cell, given in zip(table.add_row().cells, row, strict=True):
            words.linked(cell.paragraphs[0], given["text"], given["url"])
    dress.finish(table)


def _same_each_time(packed: bytes) -> bytes:
    """The file with the time of its packing taken out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _EPOCH), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
