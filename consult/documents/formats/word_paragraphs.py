"""Paragraphs of a Word file, each with its style, its look and its automatic number. Runs in a child process.

Source: ECMA-376 part 1, 17.3 (paragraphs), 17.7 (styles), 17.11 (footnotes).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from consult.documents.formats.word_numbers import W, WordNumbers, value

_SKIPPED = {f"{W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "rPr", "pPr", "sectPr")}
_SKIPPED.add("{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback")
_HEADING = re.compile(r"heading ([1-9])$", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|table of figures|contents)\b", re.IGNORECASE)
_POINT = re.compile(r"Draft Point ([1-4])$")
_NOTE = re.compile(r"\[(\S{1,20}?)\] (.*)", re.DOTALL)
_LABEL = re.compile(r"\(?[\w.]{1,6}[).]|[-–—•]")
_OFF = ("0", "false", "off", "none")
_CELL = " | "


@dataclass
class _ParagraphStyle:
    name: str
    level: int  # of a heading
    bold: bool
    italic: bool
    capitals: bool
    align: str
    indent: int
    numbers: tuple[str | None, int | None]


class WordParagraphs:
    """The paragraphs, tables and notes of one DOCX file, as rows. Raises KeyError if the file has no body."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self.packed, self.names = packed, set(packed.namelist())
        body = self._part("document")
        self.body = None if body is None else body.find(f"{W}body")
        if self.body is None:
            raise KeyError("body")
        styles = self._part("styles")
        element = [] if styles is None else list(styles.iter(f"{W}style"))
        self.elements = {item.get(f"{W}styleId"): item for item in element}
        self.default = next((item.get(f"{W}styleId") for item in element if _is_default(item)), None)
        self.known: dict[str | None, _ParagraphStyle] = {}
        self.numbers = WordNumbers(self._part("numbering"))
        self.notes: list[tuple[str, str]] = []
        self.sources = {name: self._read_notes(name) for name in ("footnote", "endnote")}
        self.written: list[str] = []  # marks of notes in the style that our own Word files have

    def _part(self, name: str) -> etree._Element | None:
        path = f"word/{name}.xml"
        if path not in self.names:
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        return etree.fromstring(self.packed.read(path), parser)

    def list_rows(self) -> list[dict[str, Any]]:
        """Return the paragraphs, tables and notes in order."""
        rows = [row for row in self._blocks(self.body) if row["text"] or row.get("label")]
        for row in rows:
            for mark in self.written:
                row["text"] = row["text"].replace(f"[{mark}]", f"[^{mark}]")
        return rows + [{"text": words, "note": mark} for mark, words in self.notes]

    def _read_notes(self, kind: str) -> dict[str, str]:
        root = self._part(f"{kind}s")
        element = {}
        for note in [] if root is None else root.iter(f"{W}{kind}"):
            if note.get(f"{W}type") in (None, "normal"):
                paragraphs = (" ".join(self._words(item).split()) for item in note.iter(f"{W}p"))
                element[note.get(f"{W}id") or ""] = " ".join(filter(None, paragraphs))
        return element

    def _blocks(self, element: etree._Element | None) -> Iterator[dict[str, Any]]:
        """Yield the rows in an element, including those in elements that wrap paragraphs, such as content controls."""
        for child in [] if element is None else element:
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                yield from self._table(child)
            elif child.tag not in _SKIPPED and isinstance(child.tag, str):
                yield from self._blocks(child)

    def _table(self, table: etree._Element) -> Iterator[dict[str, Any]]:
        """Yield a table as one row of lines with cells, or its paragraphs if it only arranges labels or text."""
        rows = [_inside(row, "tc") for row in _inside(table, "tr")]
        wide = max((len(row) for row in rows), default=0)
        if wide < 2:
            for row in rows:
                for cell in row:
                    yield from self._blocks(cell)
            return
        texts = [[" ".join(self._cell(cell)) for cell in row] for row in rows]
        labels = [row[0] for row in texts]
        if wide == 2 and any(labels) and all(not label or _LABEL.fullmatch(label) for label in labels):
            yield from ({"text": " ".join(filter(None, row))} for row in texts)
        else:
            lines = [_CELL.join(text.replace("|", "¦") for text in row) for row in texts if any(row)]
            yield {"text": "\n".join(lines), "table": True}

    def _cell(self, cell: etree._Element) -> Iterator[str]:
        for row in self._blocks(cell):
            text = " ".join(row["text"].replace("\n", " ").split())
            yield f"{row.get('label', '')} {text}".strip() if row.get("label") != "-" else text

    def _paragraph(self, paragraph: etree._Element) -> Iterator[dict[str, Any]]:
        """Yield a paragraph and the paragraphs in text boxes anchored in it."""
        own = paragraph.find(f"{W}pPr")
        style = self._style(value(own, "pStyle"))
        text = " ".join(self._words(paragraph).split())
        label, indent = self._label(own, style)
        if text and not _CONTENTS.match(style.name):
            yield self._row(paragraph, own, style, text, label, indent)
        for box in paragraph.iter(f"{W}txbxContent"):
            if not any(above.tag in _SKIPPED for above in box.iterancestors()):
                yield from self._blocks(box)

    def _row(
        self,
        paragraph: etree._Element,
        own: etree._Element | None,
        style: _ParagraphStyle,
        text: str,
        label: str,
        indent: int,
    ) -> dict[str, Any]:
        if style.name == "Draft Note" and (note := _NOTE.match(text)):
            self.written.append(note[1])
            return {"text": note[2], "note": note[1]}
        runs = [(run, "".join(run.itertext(f"{W}t"))) for run in paragraph.iter(f"{W}r") if _is_in(run, paragraph)]
        runs = [(run, words) for run, words in runs if words.strip()]
        bold = [self._has(run, "b", default=style.bold) for run, _words in runs]
        italic = [self._has(run, "i", default=style.italic) for run, _words in runs]
        capital = all(self._has(run, "caps", default=style.capitals) for run, _words in runs)
        letters = [char for char in text if char.isalpha()]
        capital = capital or (len(letters) > 3 and all(char.isupper() for char in letters))
        align = value(own, "jc") or style.align
        looks = {"b": bool(bold) and all(bold), "i": bool(italic) and all(italic), "u": capital, "c": align == "center"}
        lead = 0
        for place, (_run, words) in enumerate(runs):
            if not (bold[place] or italic[place]) or looks["b"] or looks["i"]:
                break
            lead += len(" ".join(words.split())) + words.endswith(" ")
        point = _POINT.match(style.name)
        outline = value(own, "outlineLvl") or ""
        return {
            "text": text,
            "label": label,
            "level": int(outline) + 1 if outline.isdecimal() and int(outline) < 9 else style.level,
            "look": "".join(sign for sign, is_so in looks.items() if is_so),
            "indent": 4 * (int(point[1]) - 1) if point else indent // 90,
            "lead": lead,
            "title": style.name.lower() in ("title", "subtitle"),
        }

    def _label(self, own: etree._Element | None, style: _ParagraphStyle) -> tuple[str, int]:
        """Return the automatic label of a paragraph, and its indentation in twentieths of a point."""
        numbers = None if own is None else own.find(f"{W}numPr")
        name = value(numbers, "numId") or style.numbers[0]
        level = value(numbers, "ilvl")
        at = int(level) if level is not None and level.isdecimal() else style.numbers[1] or 0
        indent = _indent(own)
        if name is None or name == "0":
            return "", style.indent if indent is None else indent
        return self.numbers.next_label(name, at), self.numbers.indent(name, at) if indent is None else indent

    def _has(self, run: etree._Element, name: str, *, default: bool) -> bool:
        element = run.find(f"{W}rPr/{W}{name}")
        if element is not None:
            return element.get(f"{W}val") not in _OFF
        style = value(run.find(f"{W}rPr"), "rStyle")
        element = self.elements.get(style) if style else None
        element = None if element is None else element.find(f"{W}rPr/{W}{name}")
        return default if element is None else element.get(f"{W}val") not in _OFF

    def _style(self, name: str | None) -> _ParagraphStyle:
        """Return a paragraph style with the properties of the styles that it is based on."""
        name = name if name in self.elements else self.default
        if name not in self.known:
            chain, seen = [], name
            while seen in self.elements and self.elements[seen] not in chain:
                chain.append(self.elements[seen])
                seen = value(self.elements[seen], "basedOn")
            self.known[name] = self._read_style(chain, name)
        return self.known[name]

    def _read_style(self, chain: list[etree._Element], name: str | None) -> _ParagraphStyle:
        def first(path: str) -> etree._Element | None:
            return next((item for style in chain if (item := style.find(path)) is not None), None)

        def switched(path: str) -> bool:
            element = first(f"{W}rPr/{W}{path}")
            return element is not None and element.get(f"{W}val") not in _OFF

        title = (value(chain[0], "name") or "") if chain else ""
        names = [value(style, "name") or "" for style in chain]
        heading = next((int(element[1]) for item in names if (element := _HEADING.match(item))), 0)
        outline = first(f"{W}pPr/{W}outlineLvl")
        level = 9 if outline is None else int(outline.get(f"{W}val") or 9)
        numbered, by_level = first(f"{W}pPr/{W}numPr"), self.numbers.by_style.get(name or "", (None, None))
        at = value(numbered, "ilvl") or by_level[1]
        align, indent = first(f"{W}pPr/{W}jc"), [_indent(style.find(f"{W}pPr")) for style in chain]
        return _ParagraphStyle(
            title,
            heading or (level + 1 if level < 9 else 0),
            switched("b"),
            switched("i"),
            switched("caps"),
            (align.get(f"{W}val") or "") if align is not None else "",
            next((item for item in indent if item is not None), 0),
            (value(numbered, "numId") or by_level[0], int(at) if at is not None else None),
        )

    def _words(self, element: etree._Element) -> str:
        """Return the words in an element, with a mark where it refers to a note."""
        made = ""
        for child in element:
            if child.tag in _SKIPPED or child.tag == f"{W}txbxContent":
                continue
            name = child.tag.removeprefix(W) if isinstance(child.tag, str) else ""
            if name == "t":
                made += child.text or ""
            elif name in ("tab", "br", "cr", "ptab"):
                made += " "
            elif name in ("noBreakHyphen", "sym"):
                made += "-" if name == "noBreakHyphen" else _symbol(child)
            elif name in ("footnoteReference", "endnoteReference"):
                made += self._mark(name.removesuffix("Reference"), child.get(f"{W}id") or "")
            else:
                made += self._words(child)
        return made

    def _mark(self, kind: str, number: str) -> str:
        words = self.sources[kind].get(number) if hasattr(self, "sources") else None
        if words is None:
            return ""
        self.notes.append((str(len(self.notes) + 1), words))
        return f"[^{len(self.notes)}]"


def _is_default(style: etree._Element) -> bool:
    return style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true")


def _inside(outer: etree._Element, name: str) -> list[etree._Element]:
    """Return the rows of a table, or the cells of a row, without those of nested tables."""
    return [item for item in outer.iter(f"{W}{name}") if _is_in(item, outer)]


def _is_in(inner: etree._Element, outer: etree._Element) -> bool:
    """Return True if the nearest table, row or paragraph around an element is this one."""
    for above in inner.iterancestors():
        if above is outer:
            return True
        if above.tag in (outer.tag, f"{W}tbl", f"{W}txbxContent") or above.tag in _SKIPPED:
            return False
    return False


def _indent(own: etree._Element | None) -> int | None:
    element = None if own is None else own.find(f"{W}ind")
    left = None if element is None else element.get(f"{W}left") or element.get(f"{W}start")
    return None if left is None else int(float(left))


def _symbol(element: etree._Element) -> str:
    code = int(element.get(f"{W}char") or "20", 16)
    return "•" if 0xF000 <= code <= 0xF0FF else chr(code)
