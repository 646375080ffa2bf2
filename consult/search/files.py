"""Search results as a file: CSV without formulas, or JSON lines, streamed row by row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

from consult.core.text import csv_cell
from consult.search.records import SearchExportRow

_ROWS = 200
"""Rows that are sent at once: fewer would be slower, more would hold more memory."""


def as_csv(records: Iterable[SearchExportRow]) -> Iterator[str]:
    """CSV in UTF-8 with a head; cells that would run as a formula are made harmless."""
    out = io.StringIO()
    write = csv.writer(out).writerow
    write(SearchExportRow._fields)
    for number, record in enumerate(records, start=1):
        write(map(csv_cell, record))
        if number % _ROWS == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def as_jsonl(records: Iterable[SearchExportRow]) -> Iterator[str]:
    """One JSON object a line."""
    lines: list[str] = []
    for record in records:
        lines.append(json.dumps(record._asdict(), ensure_ascii=False) + "\n")
        if len(lines) == _ROWS:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)
