"""Reader of tables in Word and Excel files. It runs in a child process and imports nothing else of Consult.

Source: ECMA-376, part 1, sections 17.4 (tables of WordprocessingML) and 18 (SpreadsheetML).
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta

from lxml import etree

MAX_ROWS, MAX_CELLS, MAX_UNPACKED = 20_000, 400_000, 200 * 2**20
_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Built-in number formats of dates. Source: ECMA-376, part 1, section 18.8.30."""
_DATE_FORMAT, _QUOTED = re.compile(r"[ymd]"), re.compile(r'"[^"]*"|\[[^][]*\]')
_ZERO = date(1899, 12, 30)
_REFERENCE = re.compile(r"([A-Z]{1,3})\d+")


class _Refused(Exception):
    """The file cannot be read. The argument is a reason code."""


def read_tables(data: bytes) -> bytes:
    """Return the tables of a .docx or .xlsx file as JSON: a list of tables, each a list of rows of texts.

    In place of tables it returns a code: `macros`, `entities`, `large` or `broken`.
    """
    try:
        parts = _unpack(data)
        read = _read_word if "word/document.xml" in parts else _read_excel
        return json.dumps(list(read(parts)), ensure_ascii=False).encode()
    except _Refused as refused:
        return str(refused).encode()
    except (zipfile.BadZipFile, etree.XMLSyntaxError, LookupError, ValueError, OverflowError, EOFError, RuntimeError):
        return b"broken"


def _unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.infolist()
        if sum(node.file_size for node in names) > MAX_UNPACKED:
            raise _Refused("large")
        if any(node.filename.casefold().endswith("vbaproject.bin") for node in names):
            raise _Refused("macros")
        wanted = re.compile(r"word/document\.xml|xl/(workbook|sharedStrings|styles|worksheets/sheet\d+)\.xml")
        return {node.filename: archive.read(node) for node in names if wanted.fullmatch(node.filename)}


def _parse(part: bytes) -> etree._Element:
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise _Refused("entities")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    return etree.fromstring(part, parser)


def _tag(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _find(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the nearest descendants of this name."""
    for child in element:
        if _tag(child) == name:
            yield child
        elif _tag(child) not in ("tbl", "del"):
            yield from _find(child, name)


def _attribute(element: etree._Element, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if etree.QName(key).localname == name), "")


def _read_word(parts: dict[str, bytes]) -> Iterator[list[list[str]]]:
    tables = [node for node in _parse(parts["word/document.xml"]).iter() if _tag(node) == "tbl"]
    if sum(1 for table in tables for _row in _find(table, "tr")) > MAX_ROWS:
        raise _Refused("large")
    for table in tables:
        yield [_read_word_row(row) for row in _find(table, "tr")]


def _read_word_row(row: etree._Element) -> list[str]:
    cells: list[str] = []
    for cell in _find(row, "tc"):
        span = next((_attribute(node, "val") for node in cell.iter() if _tag(node) == "gridSpan"), "")
        lines = ["".join(_read_words(line)).strip() for line in _find(cell, "p")]
        cells += ["\n".join(line for line in lines if line), *[""] * (int(span or 1) - 1)]
    return cells


def _read_words(line: etree._Element) -> Iterator[str]:
    for element in line.iter():
        tag = _tag(element)
        if tag == "t":
            yield element.text or ""
        elif tag in ("tab", "br", "cr"):
            yield " "


def _read_excel(parts: dict[str, bytes]) -> Iterator[list[list[str]]]:
    shared = [
        "".join(text.text or "" for text in node.iter() if _tag(text) == "t")
        for node in (_parse(parts["xl/sharedStrings.xml"]) if "xl/sharedStrings.xml" in parts else ())
    ]
    dates = _find_date_styles(parts)
    sheets = sorted((name for name in parts if "sheet" in name), key=lambda name: int(re.findall(r"\d+", name)[-1]))
    cells = 0
    for name in sheets:
        rows = [_read_excel_row(row, shared, dates) for row in _parse(parts[name]).iter() if _tag(row) == "row"]
        cells += sum(map(len, rows))
        if len(rows) > MAX_ROWS or cells > MAX_CELLS:
            raise _Refused("large")
        yield rows


def _find_date_styles(parts: dict[str, bytes]) -> set[str]:
    """Return the numbers of the cell styles that show dates."""
    if "xl/styles.xml" not in parts:
        return set()
    root = _parse(parts["xl/styles.xml"])
    own = {
        _attribute(node, "numFmtId")
        for node in root.iter()
        if _tag(node) == "numFmt" and _DATE_FORMAT.search(_QUOTED.sub("", _attribute(node, "formatCode")))
    }
    styles = next((node for node in root if _tag(node) == "cellXfs"), ())
    formats = [_attribute(node, "numFmtId") for node in styles]
    return {str(n) for n, number in enumerate(formats) if number in own or (number.isdigit() and int(number) in _DATES)}


def _read_excel_row(row: etree._Element, shared: list[str], dates: set[str]) -> list[str]:
    values: list[str] = []
    for cell in _find(row, "c"):
        at = _REFERENCE.match(_attribute(cell, "r"))
        column = _to_number(at[1]) if at else len(values) + 1
        if column > 1_000:
            continue
        values += [""] * (column - 1 - len(values))
        values.append(_read_value(cell, shared, dates))
    return values


def _to_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _read_value(cell: etree._Element, shared: list[str], dates: set[str]) -> str:
    kind = _attribute(cell, "t")
    if kind == "inlineStr":
        return "".join(node.text or "" for node in cell.iter() if _tag(node) == "t").strip()
    text = next((node.text or "" for node in cell if _tag(node) == "v"), "")
    if kind == "s":
        return shared[int(text)].strip() if text else ""
    if text and not kind and _attribute(cell, "s") in dates:
        return (_ZERO + timedelta(days=int(float(text)))).isoformat()
    return text.strip()
