"""Rows of a file with a table: CSV, Excel, Word, HTML or Markdown."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from consult.core import sandbox
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.tables import delimited
from consult.core.text import CsvWriter, read_csv_cell

NameColumn: TypeAlias = Callable[[str], str]
MAX_TABLE = 2**20
"""Maximum size of the text of a table in characters, and of a CSV file in bytes."""
MAX_FILE = 10 * 2**20
"""Maximum size of a Word or Excel file in bytes."""
_HTML = re.compile(rb"<(?:!doctype html|html|table)\b", re.IGNORECASE)
_START = 4_096
"""Bytes at the beginning of a file among which the first tag of HTML is looked for."""
_RULE = re.compile(r"\|?(?:\s*:?-{2,}:?\s*\|)+\s*(?::?-{2,}:?)?")
"""The line below the header of a Markdown table."""


def load_text(data: bytes, name_column: NameColumn, wanted: str = "title") -> str:
    """Return the table of a file as CSV. Raises a Refusal if it has none or is too large.

    `name_column` returns the role of a column by its header, or "". Of a file with several tables, those with a column
    of the role `wanted` are read.
    """
    if data.startswith(b"PK\x03\x04"):
        return _write(_join(_read_safely(data, "office_tables"), name_column, wanted))
    if _HTML.search(data[:_START]):
        return _write(_join(_read_safely(data, "html_tables"), name_column, wanted))
    if len(data) > MAX_TABLE:
        raise Refusal(_("This file is too large. The limit is 1 MB."), field="file")
    text = delimited.decode(data)[0]
    tables_of_text = _read_markdown(text.splitlines())
    return _write(_join(tables_of_text, name_column, wanted)) if tables_of_text else text


def _read_safely(data: bytes, reader: str) -> list[list[list[str]]]:
    if len(data) > MAX_FILE:
        raise Refusal(_("This file is too large. The limit is 10 MB."), field="file")
    read = sandbox.run(f"consult.files.{reader}:read_tables", data)
    if not read.startswith(b"["):
        raise Refusal(_refusals()[read.decode()], field="file")
    read_tables: list[list[list[str]]] = json.loads(read)
    return read_tables


def _join(read_tables: Sequence[Sequence[Sequence[str]]], name_column: NameColumn, wanted: str) -> list[list[str]]:
    """Return the tables with a column of this role as one. Columns with the same role or header become one."""
    headers: dict[str, str] = {}
    rows: list[dict[str, str]] = []
    for table in read_tables:
        at = next((n for n, row in enumerate(table[:20]) if any(name_column(cell) == wanted for cell in row)), None)
        if at is None:
            continue
        keys = [name_column(cell) or cell for cell in table[at]]
        headers = {**dict(zip(keys, table[at], strict=True)), **headers}
        rows += [dict(reversed([*zip(keys, row, strict=False)])) for row in table[at + 1 :]]  # the first of two alike
    headers.pop("", None)
    names = list(headers)
    return [list(headers.values()), *([row.get(name, "") for name in names] for row in rows)] if names else []


def _refusals() -> dict[str, str]:
    return {
        "macros": _("This file contains macros. Save it without them, as .docx or .xlsx, then choose it."),
        "entities": _("This file contains its own XML declarations (DOCTYPE). Save it again, then choose it."),
        "large": _("This table has too many rows. Split it, then choose one part."),
        "broken": _("This file is damaged or is not a Word or Excel file. Save it again, then choose it."),
    }


def _read_markdown(lines: Sequence[str]) -> list[list[list[str]]]:
    """Return the tables of a Markdown text: below a header and a rule, until a line without a cell."""
    read_tables: list[list[list[str]]] = []
    is_within = False
    for n, line in enumerate(lines):
        if "|" in line and _RULE.fullmatch(line.strip()) and n and "|" in lines[n - 1]:
            read_tables.append([_split_cells(lines[n - 1])])
            is_within = True
        elif is_within and "|" in line:
            read_tables[-1].append(_split_cells(line))
        else:
            is_within = False
    return read_tables


def _split_cells(line: str) -> list[str]:
    cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
    return [_plain(cell) for cell in cells]


def _plain(cell: str) -> str:
    """Return the text of a Markdown cell without emphasis, links and line breaks."""
    text = re.sub(r"<br\s*/?>", "\n", cell.replace("\\|", "|"), flags=re.I)
    text = re.sub(r"<(s|del)>.*?</\1>|<[^>]{1,40}>", "", text, flags=re.I)
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", text)
    return re.sub(r"(\*\*|__|`)", "", text).strip()


def _write(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    CsvWriter(out, line_end="\n").writerows(row for row in rows if any(row))
    if out.tell() > MAX_TABLE:
        raise Refusal(_("This file is too large. The limit is 1 MB."), field="file")
    return out.getvalue()


def read_rows(text: str) -> list[tuple[int, list[str]]]:
    """Return the non-empty rows of CSV, each with its line. Rows that cannot be read end the table."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimited.find_delimiter(text))
    lines: list[tuple[int, list[str]]] = []
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                lines.append((rows.line_num, [read_csv_cell(cell).strip() for cell in row]))
    except csv.Error:
        return []
    return lines
