"""Writer of drafts as Akoma Ntoso XML: a bill whose provisions have their permanent and current IDs.

Source: OASIS LegalDocML, Akoma Ntoso 1.0, and its naming convention.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from consult.core.languages import find_language
from consult.documents.model import ProvisionKind
from consult.documents.outline.tree import Piece

NAMESPACE = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
_UNTYPED = (ProvisionKind.PREAMBLE, ProvisionKind.RECITAL, ProvisionKind.ANNEX)
"""Kinds that Akoma Ntoso has in other places of a bill only: here they are containers with a name."""
_MARK = re.compile(r"\[([^\[\]\s^]{1,20})\]")


@dataclass(frozen=True)
class DraftMetadata:
    """The metadata of the document. `name` is its part of the URL, such as the consultation's slug."""

    title: str
    name: str
    body: str
    language: str
    version: int
    on: date


def write_xml(about: DraftMetadata, pieces: Sequence[Piece]) -> bytes:
    """Return the document in UTF-8. It has no DOCTYPE, so that readers fetch nothing."""
    root = Element("akomaNtoso", xmlns=NAMESPACE)
    bill = SubElement(root, "bill", name="draft")
    _identify(SubElement(bill, "meta"), about)
    if about.title:
        SubElement(SubElement(SubElement(bill, "preface"), "p"), "docTitle").text = about.title
    inside: dict[int | None, list[Piece]] = {}
    for piece in pieces:
        inside.setdefault(piece.parent, []).append(piece)
    body = SubElement(bill, "body")
    for piece in inside.get(None, []):
        _provision(body, piece, inside)
    ElementTree.indent(root, " ")
    written: bytes = ElementTree.tostring(root, "utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written + b"\n"


def _identify(meta: Element, about: DraftMetadata) -> None:
    work = f"/akn/un/bill/{about.on.year}/{about.name}"
    expression = f"{work}/{find_language(about.language).akn}@{about.on.isoformat()}"
    identification = SubElement(meta, "identification", source="#publisher")
    for level, address in (("Work", work), ("Expression", expression), ("Manifestation", f"{expression}.xml")):
        named = SubElement(identification, f"FRBR{level}")
        SubElement(named, "FRBRthis", value=f"{address}/!main" if level != "Manifestation" else address)
        SubElement(named, "FRBRuri", value=address)
        SubElement(named, "FRBRdate", date=about.on.isoformat(), name="publication")
        SubElement(named, "FRBRauthor", href="#publisher")
        if level == "Work":
            SubElement(named, "FRBRcountry", value="un")
        if level == "Expression":
            SubElement(named, "FRBRversionNumber", value=str(about.version))
            SubElement(named, "FRBRlanguage", language=find_language(about.language).akn)
    references = SubElement(meta, "references", source="#publisher")
    SubElement(
        references,
        "TLCOrganization",
        eId="publisher",
        href="/ontology/organization/publisher",
        showAs=about.body or "Publisher",
    )


def _provision(above: Element, piece: Piece, inside: dict[int | None, list[Piece]]) -> None:
    below = inside.get(piece.position, [])
    last = piece.kind is ProvisionKind.POINT and not piece.number and not below
    if last and piece.parent is not None and inside[piece.parent][-1] is piece:
        _blocks(SubElement(above, "wrapUp", _ids(piece)), piece)
        return
    named = {"name": piece.kind.value} if piece.kind in _UNTYPED else {}
    element = SubElement(above, _tag(piece), named | _ids(piece))
    if piece.number:
        SubElement(element, "num").text = piece.number
    if piece.heading:
        _inline(SubElement(element, "heading"), piece.heading, piece.notes)
    if piece.text or not below:
        _blocks(SubElement(element, "intro" if below else "content"), piece)
    for inner in below:
        _provision(element, inner, inside)


def _tag(piece: Piece) -> str:
    return "article" if piece.is_article else "hcontainer" if piece.kind in _UNTYPED else piece.kind.value


def _ids(piece: Piece) -> dict[str, str]:
    return {"eId": piece.eid, "wId": piece.wid or piece.eid}


def _blocks(element: Element, piece: Piece) -> None:
    for part in piece.text.split("\n\n"):
        if "\n" in part:
            table = SubElement(element, "table")
            for place, line in enumerate(part.split("\n")):
                row = SubElement(table, "tr")
                for cell in line.split(" | "):
                    _inline(SubElement(SubElement(row, "td" if place else "th"), "p"), cell, piece.notes)
        else:
            _inline(SubElement(element, "p"), part, piece.notes)
    words = f"{piece.heading} {piece.text}"
    for mark, note in piece.notes.items():
        if f"[{mark}]" not in words:
            _note(element[-1], mark, note).set("class", "loose")


def _inline(element: Element, words: str, notes: dict[str, str]) -> None:
    """Add words to an element, with each footnote at its mark."""
    last: Element | None = None
    at = 0
    for found in _MARK.finditer(words):
        if found[1] in notes:
            before, at = words[at : found.start()], found.end()
            if last is None:
                element.text = before
            else:
                last.tail = before
            last = _note(element, found[1], notes[found[1]])
    if last is None:
        element.text = words
    else:
        last.tail = words[at:]


def _note(element: Element, mark: str, words: str) -> Element:
    note = SubElement(element, "authorialNote", marker=mark, placement="bottom")
    SubElement(note, "p").text = words
    return note
