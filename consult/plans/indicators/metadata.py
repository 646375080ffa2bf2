"""CSV on the Web: reads what a metadata file states about its table. Pure.

Source: W3C, Metadata Vocabulary for Tabular Data, sections 5.6 (schemas), 5.9 (dialects) and 6.4 (formats).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consult.core.languages import DEFAULT_LANGUAGE

MAX_METADATA = 2**20
_NUMBERS = frozenset({"number", "decimal", "double", "float", "integer", "int", "long", "nonNegativeInteger"})
_TIMES = frozenset({"gYear", "gYearMonth", "date", "dateTime", "datetime"})


@dataclass(frozen=True)
class TableHints:
    """The statements of metadata about a file. Missing ones are guessed. Columns are numbered from 0."""

    delimiter: str | None = None
    encoding: str | None = None
    skip: int = 0
    titles: Mapping[int, str] = field(default_factory=dict)
    roles: Mapping[int, str] = field(default_factory=dict)  # period, value, unit, flag
    decimal: str | None = None
    missing: frozenset[str] = frozenset()
    language: str = ""


class BadMetadata(ValueError):
    """The metadata file does not follow CSV on the Web."""


def read_metadata(data: bytes, language: str = DEFAULT_LANGUAGE) -> TableHints:
    """Read the hints in a metadata file for its only or first table. Raises BadMetadata.

    >>> hints = read_metadata(b'{"@context": "http://www.w3.org/ns/csvw", "dialect": {"delimiter": ";"}, '
    ...     b'"tableSchema": {"columns": [{"titles": "Jahr", "datatype": "gYear"}]}}')
    >>> hints.delimiter, dict(hints.titles), dict(hints.roles)
    (';', {0: 'Jahr'}, {0: 'period'})
    """
    try:
        description = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadMetadata from error
    if not isinstance(description, dict) or "csvw" not in json.dumps(description.get("@context", "")):
        raise BadMetadata
    table = next((part for part in description.get("tables", []) if isinstance(part, dict)), description)
    dialect = {**_record(description.get("dialect")), **_record(table.get("dialect"))}
    columns = _record(table.get("tableSchema") or description.get("tableSchema")).get("columns", [])
    columns = [column for column in columns if isinstance(column, dict) and not column.get("virtual")]
    formats = [_record(_record(column.get("datatype")).get("format")) for column in columns]
    marks = [str(mark) for part in formats if (mark := part.get("decimalChar"))]
    return TableHints(
        delimiter=_text(dialect.get("delimiter")),
        encoding=_text(dialect.get("encoding")),
        skip=_count(dialect.get("skipRows")),
        titles={n: title for n, part in enumerate(columns) if (title := _title(part, language))},
        roles={n: role for n, part in enumerate(columns) if (role := _role(part))},
        decimal=marks[0] if marks else None,
        missing=frozenset(
            marker.casefold() for part in [description, table, *columns] for marker in _markers(part.get("null"))
        ),
        language=str(table.get("lang") or description.get("lang") or ""),
    )


def _record(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= 40 else None


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 1_000 else 0


def _markers(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [marker for marker in value or [] if isinstance(marker, str)]


def _title(column: Mapping[str, Any], language: str) -> str:
    titles = column.get("titles", column.get("name", ""))
    if isinstance(titles, dict):
        titles = titles.get(language) or next(iter(titles.values()), "")
    if isinstance(titles, list):
        titles = next((title for title in titles if isinstance(title, str)), "")
    return titles if isinstance(titles, str) else ""


def _role(column: Mapping[str, Any]) -> str:
    """Return the role of a column from its property (RDF Data Cube with SDMX names), else from its data type."""
    about = str(column.get("propertyUrl", ""))
    for end, role in (("refPeriod", "period"), ("obsValue", "value"), ("unitMeasure", "unit"), ("obsStatus", "flag")):
        if about.endswith(end):
            return role
    kind = column.get("datatype")
    base = kind.get("base", "") if isinstance(kind, dict) else kind
    if base in _TIMES:
        return "period"
    return "number" if base in _NUMBERS else ""
