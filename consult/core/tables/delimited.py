"""Delimited text: encoding, delimiter and rows. Pure and deterministic."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from consult.core.text import read_csv_cell

MAX_ROWS, MAX_CELL = 200_000, 500
DELIMITERS = ",;\t|"
_HEAD = 50
"""Number of lines examined to find the delimiter."""


class TableRefused(ValueError):
    """The file has no table that can be read. The argument is a reason code."""


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Decode a file by its byte order mark, else as UTF-8, else as Windows-1252. Return text and encoding."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), "utf-16"
    tried = [encoding] if encoding else []
    for name in [*tried, "utf-8-sig", "cp1252"]:
        try:
            return data.decode(name), "utf-8" if name == "utf-8-sig" else name
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1"), "latin-1"


def find_delimiter(text: str) -> str:
    """Return the delimiter that splits most of the first lines into the same, largest number of cells."""
    head = "\n".join(text.splitlines()[:_HEAD])

    def score(delimiter: str) -> tuple[int, int]:
        counts = Counter(len(row) for _line, row in split_rows(head, delimiter, 0) if len(row) > 1)
        width, times = max(counts.items(), key=lambda pair: (pair[1], pair[0]), default=(0, 0))
        return times, width

    return max(DELIMITERS, key=score)


def split_rows(text: str, delimiter: str, skip: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the non-empty rows, each with the number of its last line. Raises TableRefused."""
    csv.field_size_limit(2**17)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter[:1])
    try:
        for n, row in enumerate(reader):
            if n > MAX_ROWS + skip:
                raise TableRefused("large")
            if n >= skip and any(cell.strip() for cell in row):
                yield reader.line_num, [read_csv_cell(cell).strip()[:MAX_CELL] for cell in row]
    except csv.Error as error:
        raise TableRefused("damaged") from error
