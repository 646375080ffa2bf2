"""What was found as a file: CSV that a spreadsheet cannot run, or JSON lines, made row by row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, astuple, fields
from datetime import UTC, datetime
from typing import Any

from consult.core.text import csv_cell
from consult.search.records import Record

_ROWS = 200
"""Rows that are sent at once: fewer would be slower, more would hold more memory."""


def as_csv(records: Iterable[Record]) -> Iterator[str]:
    """CSV in UTF-8 with a head; cells that would run as a formula are made harmless."""
    out = io.StringIO()
    write = csv.writer(out).writerow
    write([field.name for field in fields(Record)])
    for number, record in enumerate(records, start=1):
        write([csv_cell(_plain(value)) for value in astuple(record)])
        if number % _ROWS == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def as_jsonl(records: Iterable[Record]) -> Iterator[str]:
    """One JSON object a line."""
    lines: list[str] = []
    for record in records:
        values = {name: _plain(value) for name, value in asdict(record).items()}
        lines.append(json.dumps(values, ensure_ascii=False) + "\n")
        if len(lines) == _ROWS:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


def _plain(value: Any) -> Any:
    """Times to the hour, as everywhere in public."""
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:00Z}" if isinstance(value, datetime) else value
