"""Text extraction from DOCX, XLSX and ODT, with one paragraph or cell per line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from consult.files.cleaning.answer import MAX_TEXT_LENGTH

_PARTS = {
    "docx": re.compile(r"word/(document|footnotes|endnotes|comments)\.xml"),
    "xlsx": re.compile(r"xl/(sharedStrings|comments\d*|worksheets/sheet\d+)\.xml"),
    "odt": re.compile(r"content\.xml"),
}
_LINE_TAGS = {"p", "h", "si", "is"}
_WORD_TAGS = {"docx": {"t"}, "xlsx": {"t"}, "odt": set()}
_SPACE_TAGS = {"tab": "\t", "br": "\n", "cr": "\n", "s": " ", "line-break": "\n"}


def extract_text(parts: dict[str, bytes], kind: str) -> str:
    """Return the text of the document, followed by its notes."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    lines: list[str] = []
    for name in sorted((name for name in parts if _PARTS[kind].fullmatch(name)), key=lambda n: "document" not in n):
        lines += _lines(etree.fromstring(parts[name], parser), kind)
        if sum(map(len, lines)) > MAX_TEXT_LENGTH:
            break
    return "\n".join(lines)


def _lines(tree: Any, kind: str) -> Iterator[str]:
    for element in tree.iter():
        if isinstance(element.tag, str) and _local(element) in _LINE_TAGS:
            words = "".join(_pieces(element, kind)).strip()
            if words:
                yield words


def _pieces(line: Any, kind: str) -> Iterator[str]:
    """Yield the words of a paragraph, without those of nested paragraphs such as text boxes."""
    for element in line.iter():
        if not isinstance(element.tag, str):
            continue
        tag = _local(element)
        if tag in _SPACE_TAGS:
            yield _SPACE_TAGS[tag]
        if kind == "odt":
            yield element.text or ""
            yield (element.tail or "") if element is not line else ""
        elif tag in _WORD_TAGS[kind]:
            yield element.text or ""


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
