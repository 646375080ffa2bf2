"""Text extraction from DOCX, XLSX and ODT, as blocks. Sources: ECMA-376, OpenDocument 1.3."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from consult.files.cleaning.blocks import Block

_PARTS = {
    "docx": re.compile(r"word/(document|footnotes|endnotes|comments)\.xml"),
    "xlsx": re.compile(r"xl/(sharedStrings|comments\d*|worksheets/sheet\d+)\.xml"),
    "odt": re.compile(r"content\.xml"),
}
_STYLES = {"docx": "word/styles.xml", "odt": "styles.xml"}
_LINE_TAGS = {"p", "h", "si", "is"}
_ROW_TAGS = {"tr", "table-row"}
_NOTE_TAGS = {"footnote", "endnote", "note-body"}
_LIST_TAGS = {"list-item"}
_WORD_TAGS = {"docx": {"t"}, "xlsx": {"t"}, "odt": set()}
_SPACE_TAGS = {"tab": "\t", "br": "\n", "cr": "\n", "s": " ", "line-break": "\n"}
_HEADING = re.compile(r"(?:heading|titre|título|titulo|überschrift)[\s_]*(\d)", re.IGNORECASE)


@dataclass(frozen=True)
class _Style:
    """The kind of block of a paragraph style, "" if it has none of its own, and the style it is based on."""

    kind: str = ""
    based_on: str = ""


@dataclass(frozen=True)
class _Styles:
    by_id: Mapping[str, _Style] = field(default_factory=dict)

    def kind_of(self, style_id: str) -> str:
        """Return the kind of a style or of the first one below it that has a kind, or ""."""
        for _step in range(10):
            style = self.by_id.get(style_id, _Style())
            if style.kind or not style.based_on:
                return style.kind
            style_id = style.based_on
        return ""


def extract_blocks(parts: dict[str, bytes], kind: str) -> Iterator[Block]:
    """Yield the blocks of the document, then those of its notes."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    styles = dict(_read_styles(parts.get(_STYLES.get(kind, ""), b""), parser))
    for name in sorted((name for name in parts if _PARTS[kind].fullmatch(name)), key=lambda n: "document" not in n):
        tree = etree.fromstring(parts[name], parser)
        if kind == "odt":
            styles |= dict(_styles(tree))
        yield from _blocks(tree, kind, _Styles(styles))


def _read_styles(part: bytes, parser: Any) -> Iterator[tuple[str, _Style]]:
    if part:
        yield from _styles(etree.fromstring(part, parser))


def _styles(tree: Any) -> Iterator[tuple[str, _Style]]:
    for style in tree.iter("{*}style"):
        attributes = {_local_name(name): value for name, value in style.attrib.items()}
        inner = {_local(child): _attribute(child, "val") for child in style.iter() if isinstance(child.tag, str)}
        level = attributes.get("default-outline-level") or _one_more(inner.get("outlineLvl", ""))
        name = inner.get("name") or attributes.get("display-name") or attributes.get("name", "")
        kind = _kind_of_style(name, level) or ("item" if "numPr" in inner else "")
        yield (
            attributes.get("styleId") or attributes.get("name", ""),
            _Style(kind, inner.get("basedOn") or attributes.get("parent-style-name", "")),
        )


def _kind_of_style(name: str, level: str) -> str:
    """Return the kind of block of a style from its name and outline level, counted from 1.

    >>> _kind_of_style("heading 2", ""), _kind_of_style("Title", ""), _kind_of_style("Body", "7")
    ('h2', 'title', 'h4')
    """
    if name.lower() in ("title", "titre", "título", "titel"):
        return "title"
    if level.isdigit() and 1 <= int(level) <= 9:
        return f"h{min(4, int(level))}"
    match = _HEADING.match(name.replace("_20_", " "))
    return f"h{min(4, max(1, int(match[1])))}" if match else ""


def _one_more(level: str) -> str:
    return str(int(level) + 1) if level.isdigit() else ""


def _blocks(tree: Any, kind: str, styles: _Styles) -> Iterator[Block]:
    if kind != "xlsx":
        rows = [row for row in tree.iter() if _is_row(row) and not any(map(_is_row, row.iterancestors()))]
        first = {id(line): row for row in rows for line in list(_lines_in(row))[:1]}
        inside = {id(line) for row in rows for line in _lines_in(row)}
    else:
        first, inside = {}, set()
    for line in _lines_in(tree):
        if id(line) in first:
            cells = ("".join(_pieces(cell, kind)).strip() for cell in _lines_in(first[id(line)]))
            yield Block("row", " · ".join(cell for cell in cells if cell))
        elif id(line) not in inside:
            yield Block(_kind(line, kind, styles), "".join(_pieces(line, kind)).strip())


def _is_row(element: Any) -> bool:
    return isinstance(element.tag, str) and _local(element) in _ROW_TAGS


def _lines_in(tree: Any) -> Iterator[Any]:
    return (element for element in tree.iter() if isinstance(element.tag, str) and _local(element) in _LINE_TAGS)


def _kind(line: Any, kind: str, styles: _Styles) -> str:
    if kind == "xlsx":
        return "row"
    around = {_local(element) for element in line.iterancestors()}
    if around & _NOTE_TAGS:
        return "note"
    if _local(line) == "h":
        return f"h{min(4, max(1, int(_attribute(line, 'outline-level') or 1)))}"
    properties = line.find("{*}pPr")
    style = line if properties is None else properties.find("{*}pStyle")
    name = "" if style is None else _attribute(style, "style-name") or _attribute(style, "val")
    of_style = styles.kind_of(name)
    if of_style and of_style != "item":
        return of_style
    numbered = properties is not None and properties.find("{*}numPr") is not None
    return "item" if numbered or of_style == "item" or around & _LIST_TAGS else "paragraph"


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


def _attribute(element: Any, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if _local_name(key) == name), "")


def _local(element: Any) -> str:
    return _local_name(element.tag)


def _local_name(name: Any) -> str:
    return str(name).rpartition("}")[2]
