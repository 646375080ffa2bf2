"""Reader of Akoma Ntoso documents as typed provisions. It runs in a child process and imports nothing else of Consult.

Source: OASIS LegalDocML, Akoma Ntoso 1.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

_KINDS = {
    **dict.fromkeys(("part", "book", "title", "tome"), "part"),
    **dict.fromkeys(("chapter", "subpart", "division", "subtitle"), "chapter"),
    **dict.fromkeys(
        ("section", "article", "subchapter", "subdivision", "rule", "crossHeading", "hcontainer"), "section"
    ),
    **dict.fromkeys(("paragraph", "subsection", "subrule", "clause", "alinea", "proviso", "transitional"), "paragraph"),
    **dict.fromkeys(("point", "item", "indent", "subparagraph", "subclause", "sublist", "level"), "point"),
}
_BODIES = ("body", "mainBody")
_TRANSPARENT = {"content", "list", "blockList", "blockContainer", "tblock", "ul", "ol", "div", "container", "recitals"}
_POINT = re.compile(r"\(.{1,8}\)|[a-z]{1,4}\)")


def read(data: bytes) -> bytes:
    """Return JSON with `title` and `pieces`, or with `refused` and a `line`.

    Pieces have depth, kind, eid, number, heading, text and notes.
    """
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return _refused("entities", data.count(b"\n", 0, data.find(b"<!")) + 1)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        return _refused("broken-xml", error.lineno or 1)
    if root.getroottree().docinfo.doctype:
        return _refused("entities", 1)
    body = next((one for one in root.iter() if _name(one) in _BODIES), None)
    if _name(root) != "akomaNtoso" or body is None:
        return _refused("not-akn", root.sourceline or 1)
    made = _Reader()
    for part in root[0]:
        if _name(part) == "preamble":
            made.preamble(part)
    made.children(body, 0)
    return json.dumps({"title": _title(root), "pieces": made.pieces}).encode()


def _refused(code: str, line: int) -> bytes:
    return json.dumps({"refused": code, "line": line}).encode()


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _title(root: etree._Element) -> str:
    for wanted in ("docTitle", "longTitle", "shortTitle"):
        for element in root.iter():
            if _name(element) == wanted:
                return _flat("".join(element.itertext()))
    return ""


class _Reader:
    def __init__(self) -> None:
        self.pieces: list[dict[str, Any]] = []
        self.marks = 0

    def preamble(self, element: etree._Element) -> None:
        parts = [
            one for one in element.iter() if _name(one) in ("recital", "p") and "recital" not in _above(one, element)
        ]
        if not any(_flat("".join(one.itertext())) for one in parts):
            return
        self._piece(0, "preamble", element.get("eId") or "preamble", "", "")
        for part in parts:
            numbered = next((one for one in part if _name(one) == "num"), None)
            number = "" if numbered is None else _flat("".join(numbered.itertext()))
            kind = "recital" if _name(part) == "recital" else "paragraph"
            piece = self._piece(1, kind, part.get("eId") or "", number, "")
            if numbered is not None:
                numbered.clear(keep_tail=True)
            piece["text"] = self._inline(part, piece)

    def _piece(self, depth: int, kind: str, eid: str, number: str, heading: str) -> dict[str, Any]:
        eid = re.sub(r"[^\w.-]", "-", eid)[:200]
        piece = {
            "depth": depth,
            "kind": kind,
            "eid": eid,
            "number": number,
            "heading": heading,
            "text": "",
            "notes": {},
        }
        self.pieces.append(piece)
        return piece

    def children(self, element: etree._Element, depth: int, above: dict[str, Any] | None = None) -> None:
        """Read the provisions and words in an element. `above` is the enclosing provision."""
        for child in element:
            name = _name(child)
            if name in _KINDS:
                self._provision(child, name, depth, above)
            elif name in ("wrapUp", "listWrapUp") and above is not None:
                closing = self._piece(depth, "point", child.get("eId") or "", "", "")
                self._add(closing, child)
            elif name in ("intro", "listIntroduction") and above is not None:
                self._add(above, child)
            elif name in _TRANSPARENT:
                self.children(child, depth, above)
            elif name in ("num", "heading", "subheading", "eol", ""):
                continue
            elif above is not None:
                self._add(above, child)

    def _provision(self, element: etree._Element, name: str, depth: int, above: dict[str, Any] | None) -> None:
        number = next((_flat("".join(one.itertext())) for one in element if _name(one) == "num"), "")
        number = number if number.startswith("(") else number.rstrip(".:–—- ")
        named = element.get("name") if name == "hcontainer" else None
        kind = str(named) if named in ("preamble", "recital", "annex") else _KINDS[name]
        if (
            kind == "paragraph"
            and above is not None
            and above["kind"] in ("paragraph", "point")
            and _POINT.fullmatch(number)
        ):
            kind = "point"
        piece = self._piece(depth, kind, element.get("eId") or "", number.replace("{", "(").replace("}", ")")[:80], "")
        heads = [one for one in element if _name(one) in ("heading", "subheading")]
        piece["heading"] = " – ".join(filter(None, (self._inline(head, piece) for head in heads)))
        self.children(element, depth + 1, piece)

    def _add(self, piece: dict[str, Any], element: etree._Element) -> None:
        parts = [part for part in self._parts(element, piece) if part]
        piece["text"] = "\n\n".join([piece["text"], *parts] if piece["text"] else parts)

    def _parts(self, element: etree._Element, piece: dict[str, Any]) -> Iterator[str]:
        """Yield paragraphs and tables. The rows of a table are lines of one part."""
        name = _name(element)
        if name == "table":
            rows = [
                [cell for cell in row if _name(cell) in ("td", "th")] for row in element.iter() if _name(row) == "tr"
            ]
            lines = [" | ".join(self._inline(cell, piece).replace("|", "¦") for cell in row) for row in rows if row]
            yield "\n".join(lines)
        elif name not in ("p", "span") and any(_name(child) in ("p", "table", "block", "item") for child in element):
            for child in element:
                yield from self._parts(child, piece)
        else:
            yield self._inline(element, piece)

    def _inline(self, element: etree._Element, piece: dict[str, Any]) -> str:
        return _flat("".join(self._words(element, piece)))

    def _words(self, element: etree._Element, piece: dict[str, Any]) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            name = _name(child)
            if name == "authorialNote":
                self.marks += 1
                given = re.sub(r"[^\w*.-]", "", child.get("marker") or "")[:20]
                mark = given if given and not self._used(given) else f"n{self.marks}"
                piece["notes"][mark] = _flat("".join(child.itertext()))
                yield "" if child.get("class") == "loose" else f"[{mark}]"
            elif name in ("eol", "br", "p", "td", "th"):
                yield " "
                yield from self._words(child, piece)
            elif name:
                yield from self._words(child, piece)
            yield child.tail or ""

    def _used(self, mark: str) -> bool:
        return any(mark in piece["notes"] for piece in self.pieces)


def _above(element: etree._Element, top: etree._Element) -> set[str]:
    found = set()
    for ancestor in element.iterancestors():
        if ancestor is top:
            break
        found.add(_name(ancestor))
    return found


def _flat(words: str) -> str:
    return " ".join(words.split())
