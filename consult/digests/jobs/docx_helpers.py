"""Links, bars and tables of contents in DOCX files."""

from __future__ import annotations

from collections.abc import Sequence

from docx.document import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_COLOR_INDEX
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Emu, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from consult.documents.formats import docx_style

_STANCES = {
    "support": "1A6B43",
    "wording": "5B4BB7",
    "drop": "A01D5C",
    "evidence": "0F6F8C",
    "concern": "A8401D",
    "unsaid": "686C72",
}


def add_link(paragraph: Paragraph, text: str, url: str) -> Run:
    """Add text to a paragraph, as a link if there is a URL, and return the run."""
    run = paragraph.add_run(text)
    if url:
        way = OxmlElement("w:hyperlink")
        way.set(qn("r:id"), paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        run.font.color.rgb, run.font.underline = docx_style.PETROL, True
        way.append(run._r)
        paragraph._p.append(way)
    return run


def add_bar(paper: Document, parts: Sequence[tuple[str, int]], text: str) -> None:
    """Draw shares of a whole in the colours of their types, as a table of filled cells with `text` as description.

    Source: ECMA-376 part 1, 17.4.4 (tblDescription in 17.4.46).
    """
    table = paper.add_table(rows=1, cols=len(parts))
    total = sum(n for _stance, n in parts)
    docx_style.set_column_widths(table, [Emu(docx_style.LINE_WIDTH * n // total) for _stance, n in parts])
    for cell, (stance, _n) in zip(table.rows[0].cells, parts, strict=True):
        docx_style.shade_cell(cell, _STANCES[stance])
        cell.paragraphs[0].paragraph_format.space_after = Pt(0)
        cell.paragraphs[0].paragraph_format.keep_with_next = True
        cell.paragraphs[0].add_run().font.size = Pt(2)
    table.rows[0].height, table.rows[0].height_rule = Cm(0.35), WD_ROW_HEIGHT_RULE.EXACTLY
    said = OxmlElement("w:tblDescription")
    said.set(qn("w:val"), text)
    table._tbl.tblPr.append(said)


def add_contents(paper: Document, title: str, entries: Sequence[str]) -> None:
    """Add a table of contents of second-level headings. Word processors fill in the pages when updating the field.

    Source: ECMA-376 part 1, 17.16.5.68 (TOC).
    """
    paper.add_paragraph().add_run(title).bold = True
    paragraphs = [paper.add_paragraph(text) for text in entries]
    for paragraph in paragraphs:
        paragraph.paragraph_format.space_after = Pt(2)
    instruction = OxmlElement("w:instrText")
    instruction.text = r'TOC \o "2-2" \h \z'
    first, last = paragraphs[0], paragraphs[-1]
    for at, element in enumerate((_field_mark("begin"), instruction, _field_mark("separate"))):
        run = OxmlElement("w:r")
        run.append(element)
        first._p.insert(at + (first._p.pPr is not None), run)
    last.add_run()._r.append(_field_mark("end"))


def _field_mark(kind: str) -> BaseOxmlElement:
    mark: BaseOxmlElement = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    return mark


def add_marked(paper: Document, text: str, runs: Sequence[tuple[str, bool]]) -> None:
    """Add a paragraph with a label and some highlighted words."""
    paragraph = paper.add_paragraph()
    paragraph.add_run(f"{text}: ").bold = True
    for words, marked in runs:
        run = paragraph.add_run(words)
        run.italic = True
        if marked:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def add_quote(paper: Document, text: str, changes: Sequence[tuple[str, str]]) -> None:
    """Add a quote. In a suggested wording, deletions are struck out and insertions underlined."""
    paragraph = paper.add_paragraph("" if changes else text, style="Quote")
    for mark, words in changes:
        font = paragraph.add_run(words).font
        font.strike, font.underline = mark == "gone" or None, mark == "new" or None
