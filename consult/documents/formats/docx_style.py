"""Style of generated DOCX files: paper size, colours, fonts and text direction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor
from docx.text.paragraph import Paragraph

INK, QUIET, PETROL = RGBColor(0x1A, 0x1D, 0x21), RGBColor(0x56, 0x5A, 0x61), RGBColor(0x0F, 0x4C, 0x5C)
_LINE, _WASH, _EDGE = "D8D2C4", "F6F3EC", "E0B400"
_MARGIN = Cm(2.2)
LINE_WIDTH = Cm(21) - 2 * _MARGIN
"""The width of a line of text."""
_SIZES = {"Title": 24, "Heading 1": 18, "Heading 2": 14, "Heading 3": 12, "Heading 4": 11, "Heading 5": 11}
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_LEFT_TO_RIGHT = re.compile(r"[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff]")
_AFTER_BIDI = tuple(
    f"w:{name}" for name in ("adjustRightInd", "snapToGrid", "spacing", "ind", "contextualSpacing", "mirrorIndents",
                             "suppressOverlap", "jc", "textDirection", "textAlignment", "textboxTightWrap",
                             "outlineLvl", "divId", "cnfStyle", "rPr", "sectPr", "pPrChange")
)  # fmt: skip
_AFTER_SIZE = tuple(
    f"w:{name}" for name in ("highlight", "u", "effect", "bdr", "shd", "fitText", "vertAlign", "rtl", "cs", "em",
                             "lang", "eastAsianLayout", "specVanish", "oMath")
)  # fmt: skip


def apply_style(paper: Any, language: str, *, rtl: bool) -> None:
    """Set A4 with page numbers, heading and quote styles, and a font with Arabic letters.

    Source: ECMA-376 part 1, 17.3.2.26 (rFonts), 17.3.2.38 and 39 (sz, szCs), 17.16 (fields).
    """
    for section in paper.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
        _page_number(section.footer.paragraphs[0])
    for default in paper.styles.element.iter(qn("w:lang")):
        default.set(qn("w:bidi" if rtl else "w:val"), language)
    for fonts in paper.styles.element.iter(qn("w:rFonts")):
        fonts.attrib.pop(qn("w:cstheme"), None)
        fonts.set(qn("w:cs"), "Arial")
    for name, size in _SIZES.items():
        style = paper.styles[name]
        style.font.size, style.font.color.rgb, style.paragraph_format.space_after = Pt(size), INK, Pt(4)
        _size_of_arabic(style.element.get_or_add_rPr(), size)
    for border in paper.styles["Title"].element.iter(qn("w:bottom")):
        border.set(qn("w:color"), _EDGE)
    quote = paper.styles["Quote"]
    quote.paragraph_format.left_indent, quote.paragraph_format.keep_with_next = Cm(0.5), True
    quote.paragraph_format.space_after = Pt(2)
    _quote_border(quote.element.get_or_add_pPr(), "left")


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    field.append(paragraph.add_run("1")._r)
    paragraph._p.append(field)


def _quote_border(properties: Any, at: str) -> None:
    """Add the yellow edge of a quote, on the side where its lines begin."""
    borders = OxmlElement("w:pBdr")
    for name in ("left", "right"):
        side = OxmlElement(f"w:{name}")
        for key, value in (("val", "single" if name == at else "nil"), ("sz", "18"), ("space", "8"), ("color", _EDGE)):
            side.set(qn(f"w:{key}"), value)
        borders.append(side)
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:bidi", *_AFTER_BIDI)


def _size_of_arabic(properties: Any, size: float) -> None:
    if (found := properties.find(qn("w:szCs"))) is None:
        found = OxmlElement("w:szCs")
        properties.insert_element_before(found, *_AFTER_SIZE)
    found.set(qn("w:val"), str(round(2 * size)))


def shade_cell(cell: Any, fill: str) -> None:
    shading = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        shading.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shading)


def set_column_widths(table: Any, wanted: Sequence[int]) -> None:
    """Set the widths of a table's columns, whatever their contents."""
    table.autofit = False
    for column, width in zip(table.columns, wanted, strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width


def style_table(table: Any) -> None:
    """Style a table: light lines, a head repeated on each page, numbers aligned at the end of their column.

    It is followed by a small gap, because Word would merge it with a table right after it.
    """
    table.style = "Table Grid"
    for border in table._tbl.tblPr.iter(qn("w:tblBorders")):
        border.getparent().remove(border)
    table._tbl.tblPr.append(_table_borders())
    rows = [list(row.cells) for row in table.rows]
    for cell in rows[0]:
        shade_cell(cell, _WASH)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    numeric = [False]  # the first column has row labels
    numeric += [not any(any(map(str.isalpha, row[n].text)) for row in rows[1:]) for n in range(1, len(rows[0]))]
    for at, row in enumerate(rows):
        table.rows[at]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, is_number in zip(row, numeric, strict=True):
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(2)
                paragraph.paragraph_format.keep_with_next = at == 0
                if is_number:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                for run in paragraph._p.iter(qn("w:r")):
                    run.get_or_add_rPr().sz_val = Pt(9)
                    if at == 0:
                        run.rPr.get_or_add_b()
    widest = LINE_WIDTH * 7 // (8 * max(1, sum(numeric)))
    narrow = Emu(min(Cm(1.85 if len(numeric) > 4 else 2.6), widest))
    rest = (LINE_WIDTH - narrow * sum(numeric)) // max(1, numeric.count(False))
    set_column_widths(table, [narrow if is_number else Emu(rest) for is_number in numeric])
    below = Paragraph(OxmlElement("w:p"), table._parent)
    table._tbl.addnext(below._p)
    below.paragraph_format.space_after, below.paragraph_format.line_spacing = Pt(0), Pt(8)


def _table_borders() -> Any:
    borders = OxmlElement("w:tblBorders")
    for name in ("top", "left", "bottom", "right", "insideH", "insideV"):
        side = OxmlElement(f"w:{name}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", _LINE)):
            side.set(qn(f"w:{key}"), value)
        borders.append(side)
    return borders


def set_direction(body: Any, *, rtl: bool) -> None:
    """Set the direction of each paragraph, table and run: by its letters, or the document's if it has none.

    Source: ECMA-376 part 1, 17.3.1.6 (bidi), 17.3.2.30 (rtl), 17.4.1 (bidiVisual).
    """
    for paragraph in body.iter(qn("w:p")):
        text = "".join(part.text or "" for part in paragraph.iter(qn("w:t")))
        if _is_right_to_left(text, rtl):
            properties = paragraph.get_or_add_pPr()
            properties.insert_element_before(OxmlElement("w:bidi"), *_AFTER_BIDI)
            if properties.style == "Quote":
                _quote_border(properties, "right")
    for run in body.iter(qn("w:r")):
        if _RIGHT_TO_LEFT.search("".join(part.text or "" for part in run.iter(qn("w:t")))):
            _set_run_direction(run.get_or_add_rPr())
        if run.rPr is not None and (size := run.rPr.find(qn("w:sz"))) is not None:
            _size_of_arabic(run.rPr, int(size.get(qn("w:val"))) / 2)  # digits may be set in the Arabic font too
    for table in body.iter(qn("w:tbl")) if rtl else ():
        table.tblPr.get_or_add_bidiVisual()


def _set_run_direction(properties: Any) -> None:
    """Copy bold and italic to the complex-script properties that Word uses for right-to-left runs."""
    properties.get_or_add_rtl()
    if properties.b is not None and properties.b.val:
        properties.get_or_add_bCs()
    if properties.i is not None and properties.i.val:
        properties.get_or_add_iCs()


def _is_right_to_left(text: str, rtl: bool) -> bool:
    right, left = _RIGHT_TO_LEFT.search(text), _LEFT_TO_RIGHT.search(text)
    if right is None or left is None:
        return rtl if right is left else right is not None
    return right.start() < left.start() or rtl
