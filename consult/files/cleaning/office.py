"""DOCX, XLSX and ODT: their parts are packed anew, each without what its author did not mean to send."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

from lxml import etree

from consult.files.cleaning import office_text, open_xml, opendocument, reading_view
from consult.files.cleaning.answer import Cleaned
from consult.files.cleaning.segments import bare
from consult.files.kinds import MOST_UNPACKED, Unacceptable

_DAMAGED = (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error)
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PICTURE = re.compile(r"\.(jpe?g|png)$", re.IGNORECASE)


def clean(data: bytes, kind: str) -> Cleaned:
    removed: set[str] = set()
    try:
        parts = _unpacked(data)
        change = opendocument.change if kind == "odt" else open_xml.change
        kept = {name: _cleaned(name, part, removed, change) for name, part in parts.items()}
        parts = {name: part for name, part in kept.items() if part is not None}
        text = office_text.of(parts, kind)
        return Cleaned(kind, _packed(parts), text, removed, reading_view.pages(text or "—"))
    except (*_DAMAGED, KeyError, ValueError, EOFError, OSError, NotImplementedError) as error:
        raise Unacceptable("broken") from error


def _unpacked(data: bytes) -> dict[str, bytes]:
    """Name and bytes of each part. Read by the size that is there, not the one that the directory states."""
    left, parts = MOST_UNPACKED, {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for member in archive.infolist():
            if member.is_dir() or ".." in member.filename.split("/") or member.filename.startswith("/"):
                continue
            with archive.open(member) as part:
                parts[member.filename] = part.read(left + 1)
            left -= len(parts[member.filename])
            if left < 0:
                raise Unacceptable("unpacks")
    return parts


Change = Callable[[str, "etree._Element", set[str]], bool]


def _cleaned(name: str, part: bytes, removed: set[str], change: Change) -> bytes | None:
    """The part as it is kept; None where it is left out."""
    if (code := open_xml.DROPPED.get(name.split("/")[0]) or _dropped(name)) is not None:
        removed.add(code)
        return None
    if _PICTURE.search(name):
        picture = bare(part)
        removed |= {"picture"} if len(picture) < len(part) else set()
        return picture
    if name.endswith((".xml", ".rels")):
        tree = parsed(part)
        if change(name, tree, removed):
            return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))
        return part
    if name.endswith(".bin"):
        removed.add("printer" if "printer" in name.lower() else "attachments")
        return b""
    if name.endswith((".xlsx", ".docx")):
        return _inner(part, removed, change)
    return part


def _inner(part: bytes, removed: set[str], change: Change) -> bytes:
    """A document inside the document, such as the table behind a chart."""
    parts = {name: _cleaned(name, inner, removed, change) for name, inner in _unpacked(part).items()}
    return _packed({name: inner for name, inner in parts.items() if inner is not None})


def _dropped(name: str) -> str | None:
    lower = name.lower()
    if lower.startswith(("docprops/thumbnail", "thumbnails/")):
        return "preview"
    return None


def parsed(part: bytes) -> etree._Element:
    """XML without entities, network and depth beyond 256. Raises Unacceptable where it declares a document type."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    tree = etree.fromstring(part, parser)
    if tree.getroottree().docinfo.internalDTD is not None:
        raise Unacceptable("broken")
    return tree


def _packed(parts: dict[str, bytes]) -> bytes:
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            plain = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), part, plain)
    return kept.getvalue()
