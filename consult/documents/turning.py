"""Which way words run, told to a word processor."""

from __future__ import annotations

import re
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_LEFT_TO_RIGHT = re.compile(r"[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff]")


def speak(styles: Any, language: str, *, rtl: bool) -> None:
    """Says which language a document is in, for its spelling and its fonts."""
    for default in styles.iter(qn("w:lang")):
        default.set(qn("w:bidi" if rtl else "w:val"), language)


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
