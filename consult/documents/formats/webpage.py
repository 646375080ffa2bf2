"""Converter of web pages to the Markdown of a draft: headings, paragraphs, lists, tables and footnotes.

It runs in a child process and imports nothing else of Consult.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lxml import etree, html

_SKIPPED = {"script", "style", "noscript", "template", "nav", "svg", "iframe", "head", "button", "select", "img"}
_BLOCKS = {
    "p", "div", "section", "article", "main", "header", "footer", "aside", "blockquote", "ul", "ol", "li", "table",
    "pre", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "figure", "figcaption", "address", "body", "hr",
    "form", "details", "summary", "center", "fieldset", "tbody", "thead", "tfoot",
    "tr", "td", "th", "caption",
}  # fmt: skip
_MARKS = re.compile(r"([\\*_`\[<])")
_START = re.compile(r"[#>|+=~{-]")
_LABELLED = re.compile(r"\(?[\w.]{1,8}\)\s|\d+(\.\d+)*\.?\s|[-•–]\s")
_STYLES = re.compile(r"(?:^|\s)point-(\d)(?:\s|$)")
_NOTE_MARKS = re.compile(r"^\[?\d{1,3}[\].]?\s+|(?<![\s↑↩⏎︎^])\s*[↑↩⏎︎^]+\s*$")
"""Before the words of a footnote its number, and after them what leads back."""
_NOTE = re.compile(r"\\\[(\S{1,20}?)\] (.*)")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")


class PageTooDeep(Exception):
    """The page is nested too deeply. The parser would silently drop the rest."""


def read(data: bytes) -> bytes:
    """Return JSON with the `text` in Markdown, or with the reason as `refused`."""
    try:
        return json.dumps({"text": to_markdown(data)}).encode()
    except PageTooDeep:
        return json.dumps({"refused": "too-deep"}).encode()


def to_markdown(data: bytes) -> str:
    """Return the draft in an HTML document as Markdown. Raises PageTooDeep.

    >>> print(to_markdown(b"<h2>Aims</h2><p>States<br>shall:<ol type=a><li>test;<li>treat.</ol>"))
    ## Aims
    <BLANKLINE>
    States shall:
    <BLANKLINE>
    (a) test;
    <BLANKLINE>
    (b) treat.
    """
    try:
        data.decode()
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = None  # use the encoding that the page declares
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding=encoding)
    root = html.document_fromstring(data, parser=parser)
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise PageTooDeep
    return _Page(root).text()


class _Page:
    def __init__(self, root: etree._Element) -> None:
        mains = root.findall(".//main")
        self.root = mains[0] if len(mains) == 1 else root
        self.ids = {element.get("id"): element for element in root.iter() if element.get("id")}
        self.notes: dict[str, tuple[str, str]] = {}  # mark and words by ID of the element
        self.written: list[str] = []  # footnote marks in the style of our own Word files
        self.parts: list[str] = []
        self._find_notes()

    def text(self) -> str:
        self._walk(self.root, 0)
        notes = [f"[^{mark}]: {words}" for mark, words in self.notes.values()]
        text = "\n\n".join([part for part in self.parts if part.strip()] + notes)
        for mark in self.written:
            text = text.replace(f"\\[{mark}]", f"[^{mark}]")
        return text

    def _find_notes(self) -> None:
        """Treat superscript links within the page as footnotes, and remove their targets from the text."""
        for link in list(self.root.iter("a")):
            target = self.ids.get((link.get("href") or "").removeprefix("#"))
            raised = link.get("role") == "doc-noteref" or any(one.tag == "sup" for one in (link, *link.iterancestors()))
            if target is None or target.tag not in ("li", "p", "div", "aside", "dd") or not (raised or len(link)):
                continue
            if not raised and link[0].tag != "sup":
                continue
            name = str(target.get("id"))
            link.set("data-note", name)
            if name not in self.notes:
                self.notes[name] = (str(len(self.notes) + 1), "")
        for name, (mark, _none) in list(self.notes.items()):
            words = _NOTE_MARKS.sub("", self._inline(self.ids[name], whole=True))
            self.notes[name] = (mark, words)
        for name in self.notes:
            element = self.ids[name]
            for inner in list(element):
                element.remove(inner)
            element.text, element.tag = "", "template"

    def _walk(self, element: etree._Element, depth: int) -> None:
        """Add the blocks in an element. Words next to blocks are paragraphs too."""
        loose = [_escape(element.text or "")]
        for child in element:
            tag = child.tag if isinstance(child.tag, str) else ""
            if tag in _BLOCKS:
                self._paragraph("".join(loose))
                loose = []
                self._block(child, tag, depth)
            elif tag not in _SKIPPED:
                loose.append(self._inline(child, marked=True))
            loose.append(_escape(child.tail or ""))
        self._paragraph("".join(loose))

    def _block(self, element: etree._Element, tag: str, depth: int) -> None:
        if tag[0] == "h" and tag[1:].isdecimal():
            self.parts.append(f"{'#' * int(tag[1:])} {self._inline(element)}")
        elif tag in ("ul", "ol"):
            self._list(element, depth)
        elif tag == "table":
            self._table(element, depth)
        elif any(isinstance(child.tag, str) and child.tag in _BLOCKS for child in element):
            self._walk(element, depth)
        else:
            if element.get("class") == "note" and (note := _NOTE.match(self._inline(element))):
                self.written.append(note[1])
                self.parts.append(f"[^{note[1]}]: {note[2]}")
                return
            style = _STYLES.search(element.get("class") or "")
            words, indent = self._inline(element), "    " * (int(style[1]) - 1) if style else ""
            self._paragraph(f"**{words}**" if words and _is_bold(element) else words, indent)

    def _paragraph(self, words: str, indent: str = "") -> None:
        words = _flat(words)
        if words:
            self.parts.append(indent + (f"\\{words}" if _START.match(words) else words))

    def _list(self, element: etree._Element, depth: int) -> None:
        style = element.get("type") or ("1" if depth == 0 else "a" if depth == 1 else "i")
        start = element.get("start") or "1"
        count = int(start) if start.isdecimal() else 1
        for item in element:
            if item.tag != "li":
                continue
            inner = [child for child in item if child.tag in ("ul", "ol", "table")]
            for child in inner:
                tail, child.tail = child.tail or "", None
                child.addprevious(etree.Element("span"))
                before = child.getprevious()
                before.tail = tail
                item.remove(child)
            words = _flat(self._inline(item, whole=True))
            label = "" if _LABELLED.match(words) else "- " if element.tag == "ul" else f"{_label(style, count)} "
            if words:
                self.parts.append(f"{'    ' * depth}{label}{words}")
            count += 1
            for child in inner:
                self._block(child, child.tag, depth + 1)

    def _table(self, element: etree._Element, depth: int) -> None:
        rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in element.iter("tr")]
        rows = [row for row in rows if row]
        if max((len(row) for row in rows), default=0) < 2:
            for row in rows:
                self._walk(row[0], depth)
            return
        lines = [" | ".join(_flat(self._inline(cell, whole=True)).replace("|", "¦") for cell in row) for row in rows]
        lines = [f"| {line} |" for line in lines]
        self.parts.append("\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]]))

    def _inline(self, element: etree._Element, *, marked: bool = False, whole: bool = False) -> str:
        return _flat("".join(self._words(element, whole))) if not marked else "".join(self._words(element, whole))

    def _words(self, element: etree._Element, whole: bool) -> Iterator[str]:
        """Yield the words in an element. If `whole`, include those of its blocks, separated."""
        if element.tag in _SKIPPED:
            return
        if (name := element.get("data-note")) in self.notes:
            yield f"[^{self.notes[name][0]}]"
            return
        if element.tag == "br":
            yield " "
        yield _escape(element.text or "")
        for child in element:
            apart = " " if whole and child.tag in _BLOCKS else ""
            yield apart
            yield from self._words(child, whole)
            yield apart + _escape(child.tail or "")


def _is_bold(element: etree._Element) -> bool:
    """Return True if all words in an element are bold."""
    loose = [element.text, *(child.tail for child in element)]
    bold = all(child.tag in ("b", "strong", "br") for child in element)
    return bold and len(element) > 0 and not any(text and text.strip() for text in loose)


def _escape(words: str) -> str:
    return _MARKS.sub(r"\\\1", words)


def _flat(words: str) -> str:
    return " ".join(words.split())


def _label(style: str, number: int) -> str:
    if style.lower() == "a" and number <= 26:
        letter = chr(96 + number)
        return f"({letter if style == 'a' else letter.upper()})"
    if style.lower() == "i" and number <= len(_ROMAN):
        return f"({_ROMAN[number - 1] if style == 'i' else _ROMAN[number - 1].upper()})"
    return f"{number}." if style == "1" else f"({number})"
