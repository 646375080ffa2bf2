"""Rendering of the blocks of `layout.py` as a tagged PDF (PDF/UA-1) or DOCX. The same blocks give the same bytes.

A character without a glyph is replaced by a visible sign, with a note in the document.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import typst
from docx import Document
from docx.document import Document as Paper
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from consult.core.i18n import text_direction
from consult.core.languages import list_paper_fonts
from consult.core.logs import log
from consult.core.scripts import fonts
from consult.core.web.face import get_fresh
from consult.digests import jobs
from consult.digests.jobs import docx_helpers
from consult.digests.render.blocks import Block, BlockItem, PaperDocument
from consult.documents.formats import docx_style

_SOURCE = Path(__file__).with_name("layout.typ")
_SIZES = ("10", "9.2", "8.5")
_LEAVING = ("0", "2", "1")
"""The `spare` blocks to leave out if the sheet is longer than a page, in this order. 0: none."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


@jobs.make_pdf.give
def make_pdf(document: PaperDocument) -> bytes:
    """Return the document as a PDF/UA-1 file. A sheet is fitted on one page with smaller type or fewer blocks.

    Typst tries a few fonts, then one more that has the first missing character. If that font lacks a cluster (a mark on
    a letter of another script), the fonts are tried in turn. That takes ten times as long. If that fails too, the file
    is tagged but does not claim PDF/UA-1.
    """
    given = _typst_inputs(document)
    tried = [(size, without) for without in _LEAVING for size in _SIZES] if document["one_page"] else [("10", "0")]
    for size, without in tried:
        inputs = given | {"size": size, "without": without}
        compiler = _compiler(inputs)
        if not document["one_page"] or json.loads(compiler.query("<pages>", field="value", one=True)) == 1:
            break
    try:
        return _bytes(compiler.compile(format="pdf", pdf_standards=["ua-1"]))
    except typst.TypstError:
        compiler = _compiler(inputs | {"others": json.dumps(fonts.list_families())})
    try:
        return _bytes(compiler.compile(format="pdf", pdf_standards=["ua-1"]))
    except typst.TypstError as error:
        log.warning("digests.printed_without_ua", error=type(error).__name__)
    return _bytes(_compiler(inputs | {"note": document["lacking"]}).compile(format="pdf"))


def _compiler(inputs: dict[str, str]) -> typst.Compiler:
    return typst.Compiler(_SOURCE, font_paths=fonts.load_fonts(), sys_inputs=inputs)


def _bytes(made: bytes | list[bytes] | None) -> bytes:
    return made if isinstance(made, bytes) else b"".join(made or ())


def _typst_inputs(document: PaperDocument) -> dict[str, str]:
    """Return the inputs for typst: printable text, and a note if characters were replaced."""
    blocks = [_with_direction(block, document["dir"]) for block in document["blocks"]]
    face = get_fresh()
    full = json.dumps({**document, "blocks": blocks, "site": face.name, "accent": face.colour}, ensure_ascii=False)
    data = fonts.replace_unprintable(full)
    lacking = document["lacking"] if data.count(fonts.REPLACEMENT) > full.count(fonts.REPLACEMENT) else ""
    families = {"sans": list_paper_fonts(serif=False), "serif": list_paper_fonts(serif=True), "others": []}
    return {name: json.dumps(found) for name, found in families.items()} | {"data": data, "note": lacking}


def _with_direction(block: Block, otherwise: str) -> Block:
    """Return the block with the direction of a person's words, from their letters."""
    said = block.get("words") or block.get("text", "")
    return {**block, "way": text_direction(said, otherwise)} if block.get("lang") else block


@jobs.make_docx.give
def make_docx(document: PaperDocument) -> bytes:
    """Return the document for word processors, with native headings, lists, tables and links."""
    paper = Document()
    paper.core_properties.title, paper.core_properties.author = document["title"], document["author"]
    paper.core_properties.language, paper.core_properties.comments = document["lang"], ""
    docx_style.apply_style(paper, document["lang"], rtl=document["dir"] == "rtl")
    for block in document["blocks"]:
        _add(paper, block)
    if document.get("letterhead", True):
        paper.sections[0].header.paragraphs[0].text = get_fresh().name
    docx_style.set_direction(paper.element.body, rtl=document["dir"] == "rtl")
    out = io.BytesIO()
    paper.save(out)
    return _without_timestamps(out.getvalue())


def _add(paper: Paper, block: Block) -> None:
    kind, url = block["is"], block.get("url", "")
    levels = {"title": 1, "heading": 2, "place": 3}
    if kind in levels:
        docx_helpers.add_link(paper.add_heading("", levels[kind]), block["text"], url)
        if block.get("words"):
            said = paper.add_paragraph()
            said.add_run(block["words"]).italic, said.paragraph_format.keep_with_next = True, True
    elif kind == "point":
        docx_helpers.add_link(paper.add_paragraph(), block["text"], url).bold = True
    elif kind == "numbers":
        _grid(paper, *_numbers(block["items"]))
    elif kind == "table":
        _grid(paper, block["head"], block["rows"])
    elif kind == "list":
        for item in block["items"]:
            docx_helpers.add_link(paper.add_paragraph(style="List Bullet"), item["text"], item["url"])
    elif kind == "quote":
        docx_helpers.add_quote(paper, block["text"], block.get("changes", ()))
        _small(paper, block["source"], url)
    elif kind in ("notice", "words"):
        paragraph = paper.add_paragraph()
        paragraph.add_run(f"{block['title']}: " if kind == "notice" else block["text"]).bold = True
        paragraph.add_run(block["text"] if kind == "notice" else block["words"]).italic = kind == "words"
    elif kind == "sentence":
        docx_helpers.add_marked(paper, block["text"], block["runs"])
    elif kind == "places":
        for place in block["places"]:
            _small(paper, f"{place['name']} {place['words']}: {place['n']}", place["url"])
    elif kind == "bar":
        if block["parts"]:
            docx_helpers.add_bar(paper, block["parts"], block["text"])
        _small(paper, block["text"]).paragraph_format.keep_with_next = bool(block["parts"])
    elif kind == "contents":
        docx_helpers.add_contents(paper, block["text"], [item["text"] for item in block["items"]])
    elif kind in ("over", "quiet", "columns"):
        _small(paper, block["text"], url)
    else:
        paper.add_paragraph(" · ".join(filter(None, (block["text"], block.get("by")))))


def _numbers(items: Sequence[BlockItem]) -> tuple[list[str], list[list[BlockItem]]]:
    """Return the four numbers as a table: label, new and total."""
    new: list[BlockItem] = [{"text": item["n"], "url": item["url"]} for item in items]
    return [item["label"] for item in items], [new, [{"text": item["note"], "url": item["note_url"]} for item in items]]


def _small(paper: Paper, text: str, url: str = "") -> Paragraph:
    paragraph = paper.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(3)
    run = docx_helpers.add_link(paragraph, text, url)
    run.font.size = Pt(9)
    if not url:
        run.font.color.rgb = docx_style.QUIET
    return paragraph


def _grid(paper: Paper, head: Sequence[str], rows: Sequence[Sequence[BlockItem]]) -> None:
    table = paper.add_table(rows=1, cols=len(head))
    for cell, text in zip(table.rows[0].cells, head, strict=True):
        cell.text = text
    for row in rows:
        for cell, given in zip(table.add_row().cells, row, strict=True):
            docx_helpers.add_link(cell.paragraphs[0], given["text"], given["url"])
    docx_style.style_table(table)


def _without_timestamps(packed: bytes) -> bytes:
    """Return the archive without timestamps."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _EPOCH), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
