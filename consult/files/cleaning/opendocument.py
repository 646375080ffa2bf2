"""Removal of hidden data from the XML parts of ODT. Source: OpenDocument 1.3, part 3."""

from __future__ import annotations

from typing import Any

from consult.files.kinds import UnacceptableFile

_META = {
    "creator": "author", "initial-creator": "author", "printed-by": "author", "creation-date": "times",
    "date": "times", "print-date": "times", "editing-duration": "times", "editing-cycles": "times",
    "generator": "program", "title": "title", "subject": "title", "keyword": "title", "description": "title",
    "template": "program",
}  # fmt: skip
_SETTINGS = ("PrinterName", "PrinterSetup", "PrinterPaperFromSetup", "Rsid", "RsidRoot", "CurrentDatabaseDataSource",
             "EmbeddedDatabaseName", "RedlineProtectionKey")  # fmt: skip
_PEOPLE = {"creator", "creator-initials", "sender-initials"}


def clean_part(name: str, tree: Any, removed: set[str]) -> bool:
    """Clean a part in place and return True if it changed. Raises UnacceptableFile for encrypted documents."""
    file = name.rpartition("/")[2]
    if file == "meta.xml":
        return _clean_meta(tree, removed)
    if file == "settings.xml":
        return _clean_settings(tree, removed)
    if name == "META-INF/manifest.xml":
        return _clean_manifest(tree)
    if file in ("content.xml", "styles.xml"):
        return _clean_content(tree, removed)
    return False


def _clean_meta(tree: Any, removed: set[str]) -> bool:
    for holder in tree:
        for child in list(holder):
            if (tag := _local(child)) != "document-statistic":
                removed.add(_META.get(tag, "custom"))
            holder.remove(child)
    return True


def _clean_settings(tree: Any, removed: set[str]) -> bool:
    gone = [item for item in tree.iter() if any(str(value) in _SETTINGS for value in item.attrib.values())]
    for item in gone:
        if item.text and "Printer" in str(list(item.attrib.values())):
            removed.add("printer")
        item.getparent().remove(item)
    return bool(gone)


def _clean_manifest(tree: Any) -> bool:
    gone = []
    for entry in tree.iter():
        if isinstance(entry.tag, str) and _local(entry) == "encryption-data":
            raise UnacceptableFile("password")
        if any(str(value).startswith("Thumbnails/") for value in entry.attrib.values()):
            gone.append(entry)
    for entry in gone:
        entry.getparent().remove(entry)
    return bool(gone)


def _clean_content(tree: Any, removed: set[str]) -> bool:
    """Remove authors and times of comments and changes, and scripts."""
    changed = False
    for element in list(tree.iter()):
        tag = _local(element) if isinstance(element.tag, str) else ""
        inside = _local(element.getparent()) if element.getparent() is not None else ""
        if tag in _PEOPLE and inside in ("annotation", "change-info") and element.text:
            element.text = ""
            removed.add("commenters")
        elif tag == "date" and inside in ("annotation", "change-info"):
            element.text = "1970-01-01T00:00:00"
            removed.add("times")
        elif tag in ("event-listeners", "script"):
            element.getparent().remove(element)
            removed.add("scripts")
        else:
            continue
        changed = True
    return changed


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
