"""Reader of SDMX-ML data messages as a table. It runs in a child process and imports nothing else of Consult.

Source: SDMX 2.1, section 3A, generic and structure-specific data; SDMX 3.0, section 6. Messages of 2.0, generic and
compact, have the same parts under other names.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

Values: TypeAlias = dict[str, str]

PERIOD, VALUE = "TIME_PERIOD", "OBS_VALUE"
_CONCEPT = re.compile(r"[A-Z][A-Z0-9_]*")
_ABOUT_SERIES = re.compile(
    r"TITLE(_COMPL)?|TIME_FORMAT|COLL(ECTION|_METHOD)(_DETAIL)?|DOM_SER_IDS|COMPILATION|COVERAGE|CONF_STATUS(_OBS)?"
    r"|SOURCE_(AGENCY|PUB)|(OBS_)?PRE_BREAK(_VALUE)?|OBS_(CONF|COM)|EMBARGO_TIME"
)
"""Attributes that neither distinguish series nor describe a value that is shown."""


def read_message(data: bytes) -> bytes:
    """Return the observations as SDMX-CSV with keys and attributes, or an error code.

    The codes are `entities`, `broken-xml` and `no-data`.
    """
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return b"entities"
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return b"broken-xml"
    if root.getroottree().docinfo.doctype:
        return b"entities"
    rows = [row for dataset in root if _name(dataset) == "DataSet" for row in _read_dataset(dataset, _along(root))]
    if not any(PERIOD in row for row in rows):
        return b"no-data"
    columns = dict.fromkeys(name for row in rows for name in row if not _ABOUT_SERIES.fullmatch(name))
    out = io.StringIO()
    ordered = [*(name for name in columns if name not in (PERIOD, VALUE)), PERIOD, VALUE]
    written = csv.DictWriter(out, ordered, restval="", extrasaction="ignore", lineterminator="\n")
    written.writeheader()
    written.writerows(rows)
    return out.getvalue().encode()


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _along(root: etree._Element) -> str:
    """Return the dimension along which the observations of a series vary."""
    dimensions = (element.get("dimensionAtObservation") for element in root.iter() if _name(element) == "Structure")
    dimension = next((element for element in dimensions if element), PERIOD)
    return PERIOD if dimension == "AllDimensions" else dimension


def _read_dataset(dataset: etree._Element, along: str) -> Iterator[Values]:
    """Yield each observation. Data sets that delete values have none."""
    if any(value == "Delete" for name, value in dataset.attrib.items() if etree.QName(name).localname == "action"):
        return
    shared = _read_values(dataset, along)
    groups = [
        _read_group(child, along) for child in dataset if _name(child).endswith("Group") or _is_named_group(child)
    ]
    for part in dataset:
        if _name(part) == "Series":
            key = _read_values(part, along)
            key = {**shared, **_find_shared(groups, key), **key}
            for child in part:
                if _name(child) == "Obs":
                    yield {**key, **_read_values(child, along)}
        elif _name(part) == "Obs":
            values = _read_values(part, along)
            yield {**shared, **_find_shared(groups, values), **values}


def _is_named_group(element: etree._Element) -> bool:
    """Return True for a group of a compact 2.0 message, named after the structure, such as `SiblingGroup`."""
    return _name(element) not in ("Series", "Obs", "Attributes", "KeyFamilyRef", "DataProvider", "Comp") and not len(
        element
    )


def _read_group(element: etree._Element, along: str) -> tuple[Values, Values]:
    """Return the key of a group, if it is separate, and all its values."""
    key = next((_read_values(child, along) for child in element if _name(child) == "GroupKey"), {})
    return key, _read_values(element, along)


def _find_shared(groups: list[tuple[Values, Values]], row: Values) -> Values:
    """Return the values that groups share with a series. Without a separate key, common concepts are the key."""
    shared: Values = {}
    for key, values in groups:
        common = key or {name: value for name, value in values.items() if name in row}
        if common and all(row.get(name) == value for name, value in common.items()):
            shared |= values
    return shared


def _first_words(element: etree._Element) -> str:
    """Return the text of an element in its first language."""
    return next((text.strip() for text in element.itertext() if text.strip()), "")


def _read_values(element: etree._Element, along: str) -> Values:
    """Return the concepts of a data set, group, series or observation from its attributes or child elements."""
    values = {str(name): str(value) for name, value in element.attrib.items() if _CONCEPT.fullmatch(str(name))}
    for part in element:
        kind = _name(part)
        if kind in ("SeriesKey", "ObsKey", "GroupKey", "Attributes"):
            for child in part:
                values[child.get("id") or child.get("concept") or ""] = child.get("value", "")
        elif kind == "Value" and (one_id := part.get("id") or part.get("concept")):
            values[one_id] = part.get("value", "")
        elif kind == "ObsDimension":
            values[part.get("id") or along] = part.get("value", "")
        elif kind == "Time":
            values[PERIOD] = part.text or ""
        elif kind == "ObsValue":
            values[part.get("id") or VALUE] = part.get("value", "")
        elif kind == "Comp" and part.get("id"):
            values[str(part.get("id"))] = "; ".join(_first_words(child) for child in part)
    values.pop("", None)
    return values
