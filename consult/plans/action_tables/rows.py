"""Rows of a file with a table of actions: CSV, Excel, Word or Markdown."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence

from consult.core import sandbox
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.tables import delimited
from consult.core.text import CsvWriter, read_csv_cell

MAX_TABLE = 2**20
"""Maximum size of the text of a table in characters, and of a CSV file in bytes."""
MAX_FILE = 10 * 2**20
"""Maximum size of a Word or Excel file in bytes."""
_RULE = re.compile(r"\s*\|?(?:\s*:?-{2,}:?\s*\|)+\s*(?::?-{2,}:?)?\s*")
"""The line below the header of a Markdown table."""


def load_text(data: bytes, is_header: object) -> str:
    """Return the table of a file as CSV. Raises a Refusal if it has none or is too large.

    `is_header` is a predicate on a row: of an office file with several tables, those with such a row are read.
    """
    if data.startswith(b"PK\x03\x04"):
        return _write(_read_office(data, is_header))
    if len(data) > MAX_TABLE:
        raise Refusal(_("This file is too large. The limit is 1 MB."), field="file")
    text = delimited.decode(data)[0]
    lines = text.splitlines()
    marked = next((n for n, line in enumerate(lines) if "|" in line and _RULE.fullmatch(line)), 0)
    return _write(_read_markdown(lines[marked - 1 :])) if marked else text


def _read_office(data: bytes, is_header: object) -> list[list[str]]:
    if len(data) > MAX_FILE:
        raise Refusal(_("This file is too large. The limit is 10 MB."), field="file")
    read = sandbox.run("consult.files.office_tables:read_tables", data)
    if not read.startswith(b"["):
        raise Refusal(_refusals()[read.decode()], field="file")
    rows: list[list[str]] = []
    for table in json.loads(read):
        at = next((n for n, row in enumerate(table[:20]) if is_header(row)), None)  # type: ignore[operator]
        if at is None:
            continue
        same = bool(rows) and table[at] == rows[0]
        if not rows or same:
            rows += table[at + 1 :] if same else table[at:]
    return rows


def _refusals() -> dict[str, str]:
    return {
        "macros": _("This file contains macros. Save it without them, as .docx or .xlsx, then choose it."),
        "entities": _("This file contains its own XML declarations (DOCTYPE). Save it again, then choose it."),
        "large": _("This table has too many rows. Split it, then choose one part."),
        "broken": _("This file is damaged or is not a Word or Excel file. Save it again, then choose it."),
    }


def _read_markdown(lines: Sequence[str]) -> list[list[str]]:
    rows: list[list[str]] = []
    for line in lines:
        if "|" not in line:
            if rows:
                break
            continue
        if not _RULE.fullmatch(line):
            cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
            rows.append([_plain(cell) for cell in cells])
    return rows


def _plain(cell: str) -> str:
    """Return the text of a Markdown cell without emphasis, links and line breaks."""
    text = re.sub(r"<br\s*/?>", "\n", cell.replace("\\|", "|"), flags=re.I)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
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
