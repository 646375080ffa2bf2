"""What a word processor needs told: links, bars, and which way words run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

_PETROL = RGBColor(0x0F, 0x4C, 0x5C)
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_LEFT_TO_RIGHT = re.compile(r"[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff]")


def linked(paragraph: Any, text: str, url: str) -> Any:
    """Adds words to a paragraph, as a link where there is an address; gives the run."""
    run = paragraph.add_run(text)
    if url:
        way = OxmlElement("w:hyperlink")
        way.set(qn("r:id"), paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        run.font.color.rgb, run.font.underline = _PETROL, True
        way.append(run._r)
        paragraph._p.append(way)
    return run


_BAR = 140
"""Spaces that a whole bar is long."""
_STANCES = {
    "support": "1A6B43", "concern": "A8401D", "wording": "5B4BB7", "evidence": "0F6F8C", "unsaid": "686C72",
    "": "0F4C5C",
}  # fmt: skip


def bar(paragraph: Any, parts: Sequence[tuple[str, float]], size: float = 11) -> None:
    """Draws shares of a whole, each in the colour of its stance: shaded spaces, of which a screen reader says nothing.

    The words beside it say the same. Source: ECMA-376 part 1, 17.3.2.32 (shd).
    """
    for stance, share in parts:
        run = paragraph.add_run("\u00a0" * max(1, round(_BAR * share)))
        run.font.size = Pt(size)
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", _STANCES[stance])):
            shade.set(qn(f"w:{name}"), value)
        run._r.get_or_add_rPr().append(shade)


def turn(body: Any, *, rtl: bool) -> None:
    """Sets which way each paragraph, table and run goes: as its letters do, and as the document where it has none.

    Source: ECMA-376 part 1, 17.3.1.6 (bidi), 17.3.2.30 (rtl), 17.4.1 (bidiVisual).
    """
    for paragraph in body.iter(qn("w:p")):
        text = "".join(part.text or "" for part in paragraph.iter(qn("w:t")))
        if _begins_at_the_right(text, rtl):
            paragraph.get_or_add_pPr().append(OxmlElement("w:bidi"))
    for run in body.iter(qn("w:r")):
        if _RIGHT_TO_LEFT.search("".join(part.text or "" for part in run.iter(qn("w:t")))):
            run.get_or_add_rPr().append(OxmlElement("w:rtl"))
    for table in body.iter(qn("w:tbl")) if rtl else ():
        table.tblPr.insert(1, OxmlElement("w:bidiVisual"))  # after the name of its style


def _begins_at_the_right(text: str, rtl: bool) -> bool:
    right, left = _RIGHT_TO_LEFT.search(text), _LEFT_TO_RIGHT.search(text)
    if right is None or left is None:
        return rtl if right is left else right is not None
    return right.start() < left.start() or rtl
