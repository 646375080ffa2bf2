"""Removal of hidden data from the XML parts of DOCX and XLSX. Source: ECMA-376."""

from __future__ import annotations

import re
from typing import Any

DROPPED_FOLDERS = {"customXml": "custom"}
_PROPERTIES = {
    "creator": "author", "lastModifiedBy": "author", "created": "times", "modified": "times", "lastPrinted": "times",
    "revision": "times", "title": "title", "subject": "title", "keywords": "title", "description": "title",
    "category": "title", "Application": "program", "AppVersion": "program", "Company": "author", "Manager": "author",
    "TotalTime": "times", "Template": "program", "property": "custom", "HyperlinkBase": "custom",
}  # fmt: skip
_PEOPLE = {"author": "", "initials": "", "userName": "", "displayName": "Author", "userId": "", "providerId": "None",
           "lastModifiedBy": "", "reservationPassword": ""}  # fmt: skip
_TIMES = {"date", "dateUtc", "dT"}
_LOADED_LINKS = (
    "attachedTemplate",
    "oleObject",
    "image",
    "externalLink",
    "externalLinkPath",
    "frame",
    "subDocument",
    "video",
)
_DROPPED_TARGET = re.compile(r"customXml/|docProps/thumbnail", re.IGNORECASE)


def clean_part(name: str, tree: Any, removed: set[str]) -> bool:
    """Clean a part in place and return True if it changed."""
    if name.startswith("docProps/"):
        return _empty_properties(tree, removed)
    if name.endswith(".rels"):
        return _clean_links(tree, removed)
    if name == "[Content_Types].xml":
        return _clean_content_types(tree)
    if not name.startswith(("word/", "xl/")):
        return False
    changes = [_clean_attributes(element, removed) for element in tree.iter() if isinstance(element.tag, str)]
    return any([*changes, _clean_elements(tree, removed)])


def _empty_properties(tree: Any, removed: set[str]) -> bool:
    """Remove all properties. The part itself stays, because the document refers to it."""
    for child in list(tree):
        tag = _local(child.tag)
        if child.text or len(child):
            removed.add(_PROPERTIES.get(tag, "custom"))
        tree.remove(child)
    return True


def _clean_links(tree: Any, removed: set[str]) -> bool:
    changed = False
    for link in list(tree):
        kind = link.get("Type", "").rpartition("/")[2]
        if _DROPPED_TARGET.search(link.get("Target", "")):
            tree.remove(link)
        elif link.get("TargetMode") == "External" and kind == "attachedTemplate":
            removed.add("links")
            tree.remove(link)
        elif link.get("TargetMode") == "External" and kind in _LOADED_LINKS:
            removed.add("links")
            link.set("Target", "about:blank")
        else:
            continue
        changed = True
    return changed


def _clean_content_types(tree: Any) -> bool:
    gone = [kind for kind in tree if _DROPPED_TARGET.search(kind.get("PartName", ""))]
    for kind in gone:
        tree.remove(kind)
    return bool(gone)


def _clean_attributes(element: Any, removed: set[str]) -> bool:
    """Remove authors, times and editing sessions of changes."""
    changed = False
    for name in list(element.attrib):
        tag = _local(name)
        if tag in _PEOPLE and element.get(name) not in ("", _PEOPLE[tag]):
            element.set(name, _PEOPLE[tag])
            removed.add("commenters")
        elif (tag in _TIMES and "T" in element.get(name)) or tag.startswith("rsid"):
            del element.attrib[name]
            removed.add("times")
        else:
            continue
        changed = True
    return changed


def _clean_elements(tree: Any, removed: set[str]) -> bool:
    changed = False
    for element in list(tree.iter()):
        tag = _local(element.tag) if isinstance(element.tag, str) else ""
        if tag == "author" and element.text:  # author of comments in a sheet
            element.text = "Author"
            removed.add("commenters")
        elif tag in ("rsids", "absPath", "fileSharing", "attachedTemplate", "docVars"):
            element.getparent().remove(element)
            removed.add("custom" if tag != "rsids" else "times")
        elif tag == "person" and element.getparent() is not None:  # commenters with their addresses
            _forget_person(element)
            removed.add("commenters")
        else:
            continue
        changed = True
    return changed


def _forget_person(element: Any) -> None:
    for child in element:
        for name in list(child.attrib):
            child.set(name, "None")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
