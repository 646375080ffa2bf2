"""Cleaner of DOCX, XLSX and ODT: repacks them without hidden data."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

from lxml import etree

from consult.files.cleaning import office_text, open_xml, opendocument, reading_view
from consult.files.cleaning.answer import MAX_TEXT_LENGTH, CleanedFile, cleaned_text, packed
from consult.files.cleaning.blocks import join_blocks, limit_blocks
from consult.files.cleaning.segments import strip_metadata
from consult.files.kinds import MAX_UNPACKED, UnacceptableFile

_DAMAGED = (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error)
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PICTURE = re.compile(r"\.(jpe?g|png)$", re.IGNORECASE)


@packed
def clean(data: bytes, kind: str) -> CleanedFile:
    removed: set[str] = set()
    try:
        parts = _unpack_parts(data)
        change = opendocument.clean_part if kind == "odt" else open_xml.clean_part
        kept = {name: _clean_part(name, part, removed, change) for name, part in parts.items()}
        parts = {name: part for name, part in kept.items() if part is not None}
        blocks = limit_blocks(office_text.extract_blocks(parts, kind), MAX_TEXT_LENGTH)
        pages = reading_view.draw_pages(join_blocks(blocks) or "—")
        return cleaned_text(kind, _pack_parts(parts), blocks, removed, pages)
    except (*_DAMAGED, KeyError, ValueError, EOFError, OSError, NotImplementedError) as error:
        raise UnacceptableFile("broken") from error


def _unpack_parts(data: bytes) -> dict[str, bytes]:
    """Return the parts by name. Limits apply to actual sizes, not to those stated in the directory."""
    left, parts = MAX_UNPACKED, {}
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for member in archive.infolist():
            if member.is_dir() or ".." in member.filename.split("/") or member.filename.startswith("/"):
                continue
            with archive.open(member) as part:
                parts[member.filename] = part.read(left + 1)
            left -= len(parts[member.filename])
            if left < 0:
                raise UnacceptableFile("unpacks")
    return parts


PartCleaner = Callable[[str, "etree._Element", set[str]], bool]


def _clean_part(name: str, part: bytes, removed: set[str], change: PartCleaner) -> bytes | None:
    """Return the cleaned part, or None if it is left out."""
    if (code := open_xml.DROPPED_FOLDERS.get(name.split("/")[0]) or _drop_reason(name)) is not None:
        removed.add(code)
        return None
    if _PICTURE.search(name):
        picture = strip_metadata(part)
        removed |= {"picture"} if len(picture) < len(part) else set()
        return picture
    if name.endswith((".xml", ".rels")):
        tree = parse_xml(part)
        if change(name, tree, removed):
            return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))
        return part
    if name.endswith(".bin"):
        removed.add("printer" if "printer" in name.lower() else "attachments")
        return b""
    if name.endswith((".xlsx", ".docx")):
        return _clean_inner_document(part, removed, change)
    return part


def _clean_inner_document(part: bytes, removed: set[str], change: PartCleaner) -> bytes:
    """Return a cleaned document inside the document, such as the table behind a chart."""
    parts = {name: _clean_part(name, inner, removed, change) for name, inner in _unpack_parts(part).items()}
    return _pack_parts({name: inner for name, inner in parts.items() if inner is not None})


def _drop_reason(name: str) -> str | None:
    lower = name.lower()
    if lower.startswith(("docprops/thumbnail", "thumbnails/")):
        return "preview"
    return None


def parse_xml(part: bytes) -> etree._Element:
    """Parse XML without entities, network access and depth beyond 256. Raises UnacceptableFile for a document type."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    tree = etree.fromstring(part, parser)
    if tree.getroottree().docinfo.internalDTD is not None:
        raise UnacceptableFile("broken")
    return tree


def _pack_parts(parts: dict[str, bytes]) -> bytes:
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            plain = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), part, plain)
    return kept.getvalue()
