"""The columns of the files, described from the types of their records."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from consult.api.reading.collections import COLLECTIONS

_NOTES = """\
Files are UTF-8. A CSV file begins with the names of its columns, and an empty cell is a null. An apostrophe precedes
what a spreadsheet would run as a formula; files with JSON lines have the original text. Names are those that the
authors chose for publication. Times of submissions are cut to the hour. What is published while a file is sent may be
in it or not.

Addresses: `/api/v1/consultations/<consultation>/<file>` with `.csv`, `.ndjson`, `.csv.gz` or `.ndjson.gz`, and
`/api/v1/consultations/<consultation>/questions/<number>/responses.csv` for one question. Each answer has an ETag: send
it as `If-None-Match`, and an unchanged file is not sent again.
"""


@dataclass(frozen=True)
class Column:
    """A column of a file. `kind` is a type of JSON."""

    name: str
    kind: str
    description: str


def list_columns(name: str) -> list[Column]:
    """Return the columns of a file, in its order."""
    record = COLLECTIONS[name].record
    _schemas, parts = msgspec.json.schema_components([record])
    fields = parts[record.__name__]["properties"]
    return [
        Column(column, _name_kind(fields[column]), fields[column].get("description", ""))
        for column in record.__struct_fields__
    ]


def _name_kind(schema: dict[str, Any]) -> str:
    kinds = [choice["type"] for choice in schema.get("anyOf", [schema])]
    return " or ".join(kinds)


@cache
def write_readme() -> str:
    """Return the description of all files as Markdown."""
    parts = ["# Files of a consultation", _NOTES]
    for name, of in COLLECTIONS.items():
        rows = [f"| `{each.name}` | {each.kind} | {each.description} |" for each in list_columns(name)]
        parts += [
            f"## {name}",
            (of.record.__doc__ or "").strip(),
            "\n".join(["| column | type | content |", "|---|---|---|", *rows]),
        ]
    return "\n\n".join(part.strip() for part in parts) + "\n"
