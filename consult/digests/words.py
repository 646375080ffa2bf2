"""What a word processor needs told: links and bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

_PETROL = RGBColor(0x0F, 0x4C, 0x5C)


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
