"""Search results as files: CSV with escaped formulas, or JSON lines, streamed row by row."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator

from consult.core.text import CsvWriter
from consult.search.records import SearchExportRow

_ROWS = 200
"""Rows sent at once: fewer would be slower, more would need more memory."""


def as_csv(records: Iterable[SearchExportRow]) -> Iterator[str]:
    """Yield CSV with a header. Cells that a spreadsheet would run as formulas are escaped."""
    out = io.StringIO()
    write = CsvWriter(out).writerow
    write(SearchExportRow._fields)
    for number, record in enumerate(records, start=1):
        write(record)
        if number % _ROWS == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def as_jsonl(records: Iterable[SearchExportRow]) -> Iterator[str]:
    """Yield one JSON object for each line."""
    lines: list[str] = []
    for record in records:
        lines.append(json.dumps(record._asdict(), ensure_ascii=False) + "\n")
        if len(lines) == _ROWS:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)
