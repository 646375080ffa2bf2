"""Reads data messages of SDMX-ML as a table. Runs in a child process, so it imports nothing else of Consult.

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
"""Attributes that tell no series from another, and nothing of a value that is shown."""


def read_message(data: bytes) -> bytes:
    """The observations as SDMX-CSV, each with its key and its attributes; or one line that says why not.

    That is `entities`, `broken-xml` or `no-data`.
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
    """The dimension along which observations stand in a series."""
    said = (one.get("dimensionAtObservation") for one in root.iter() if _name(one) == "Structure")
    found = next((one for one in said if one), PERIOD)
    return PERIOD if found == "AllDimensions" else found


def _read_dataset(dataset: etree._Element, along: str) -> Iterator[Values]:
    """Each observation. What stands in a message that deletes is none."""
    if any(value == "Delete" for name, value in dataset.attrib.items() if etree.QName(name).localname == "action"):
        return
    shared = _read_values(dataset, along)
    groups = [_read_group(one, along) for one in dataset if _name(one).endswith("Group") or _is_named_group(one)]
    for part in dataset:
        if _name(part) == "Series":
            key = _read_values(part, along)
            key = {**shared, **_find_shared(groups, key), **key}
            for one in part:
                if _name(one) == "Obs":
                    yield {**key, **_read_values(one, along)}
        elif _name(part) == "Obs":
            said = _read_values(part, along)
            yield {**shared, **_find_shared(groups, said), **said}


def _is_named_group(element: etree._Element) -> bool:
    """Compact messages of 2.0 name a group as the structure does, such as `SiblingGroup` or `Sibling`."""
    return _name(element) not in ("Series", "Obs", "Attributes", "KeyFamilyRef", "DataProvider", "Comp") and not len(
        element
    )


def _read_group(element: etree._Element, along: str) -> tuple[Values, Values]:
    """The key of a group where it is said apart, and all that stands in it."""
    key = next((_read_values(one, along) for one in element if _name(one) == "GroupKey"), {})
    return key, _read_values(element, along)


def _find_shared(groups: list[tuple[Values, Values]], row: Values) -> Values:
    """What groups say of a series: where their key is not said apart it is what both say."""
    found: Values = {}
    for key, said in groups:
        common = key or {name: value for name, value in said.items() if name in row}
        if common and all(row.get(name) == value for name, value in common.items()):
            found |= said
    return found


def _first_words(element: etree._Element) -> str:
    """What stands in an element, in the first of its languages."""
    return next((said.strip() for said in element.itertext() if said.strip()), "")


def _read_values(element: etree._Element, along: str) -> Values:
    """The concepts of a data set, group, series or observation: its attributes, or those that its parts name."""
    found = {str(name): str(value) for name, value in element.attrib.items() if _CONCEPT.fullmatch(str(name))}
    for part in element:
        kind = _name(part)
        if kind in ("SeriesKey", "ObsKey", "GroupKey", "Attributes"):
            for one in part:
                found[one.get("id") or one.get("concept") or ""] = one.get("value", "")
        elif kind == "Value" and (one_id := part.get("id") or part.get("concept")):
            found[one_id] = part.get("value", "")
        elif kind == "ObsDimension":
            found[part.get("id") or along] = part.get("value", "")
        elif kind == "Time":
            found[PERIOD] = part.text or ""
        elif kind == "ObsValue":
            found[part.get("id") or VALUE] = part.get("value", "")
        elif kind == "Comp" and part.get("id"):
            found[str(part.get("id"))] = "; ".join(_first_words(one) for one in part)
    found.pop("", None)
    return found
