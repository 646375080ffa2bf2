"""Reader of CSV, CSV.gz, JSONL and JSONL.gz records. Broken records are reported and skipped."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, NamedTuple

from consult.core.text import read_csv_cell

LONGEST = 2_000_000
"""The maximum bytes of a record. A longer one has an unclosed quotation mark."""
ERROR_COLUMNS = ("line", "reason")
"""The last columns of a file of rejected rows, whose cells are made by `csv_cell`."""
_JSONL = {".jsonl", ".ndjson", ".json"}
_DELIMITERS = (",", ";", "\t")
csv.field_size_limit(1 << 30)  # line lengths are checked instead


class UnreadableFile(Exception):
    """The file, or the rest of it, cannot be read. The message gives the reason."""


class FileRecord(NamedTuple):
    """The wanted cells of a record, its first line in the file, and all its cells."""

    line: int
    cells: tuple[str, ...]
    row: Sequence[str]


class BrokenRecord(NamedTuple):
    """A record that could not be read: its line, the reason and its first words."""

    line: int
    reason: str
    words: str
    row: Sequence[str] = ()
    """All cells, if they could be separated."""


def read_names(path: Path) -> list[str]:
    """Return the names of a file's columns, or of the fields of its first JSON record. Raises UnreadableFile."""
    file = RecordFile(path, ())
    first = next(iter(file), None)
    if isinstance(first, FileRecord) and file.is_jsonl:
        return list(json.loads(first.row[0]))
    return file.names


class RecordFile:
    """A file of records. Iterate it once. `read` is the number of its `size` bytes read so far."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path, self.columns = path, columns
        self.names: list[str] = []
        """The column names, once the header is read. For JSON, the wanted names."""
        self.size = path.stat().st_size
        suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
        self.is_jsonl = suffixes[-1:] != [] and suffixes[-1] in _JSONL

    @property
    def read(self) -> int:
        return self._raw.tell() if not self._raw.closed else self.size

    def __iter__(self) -> Iterator[FileRecord | BrokenRecord]:
        with self.path.open("rb") as self._raw:
            zipped = self._raw.read(2) == b"\x1f\x8b"
            self._raw.seek(0)
            stream = io.BufferedReader(gzip.GzipFile(fileobj=self._raw), 1 << 16) if zipped else self._raw
            try:
                lines = _LineReader(stream)
                yield from (_read_json if self.is_jsonl else _read_csv)(lines, self.columns, self.names)
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise UnreadableFile(f"{self.path.name} is cut off or damaged: the gzip data end too early.") from error


class _LineReader:
    """The lines of a file as text. Lines read since `mark`, except the first, can be returned to the stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.number = 0  # number of the last line returned
        self.start = 1  # number of the first line since the mark
        self._trouble = ""
        self._taken: list[str] = []
        self._again: deque[str] = deque()
        self._length = 0
        head = stream.peek(4)[:4] if hasattr(stream, "peek") else b""
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise UnreadableFile("The file is in UTF-16. Save it as UTF-8.")
        if head[:3] == b"\xef\xbb\xbf":
            stream.read(3)

    def mark(self) -> None:
        self._taken.clear()
        self.start, self._trouble, self._length = self.number + 1, "", 0

    def trouble(self) -> str:
        """Return the problem of a line since the mark, or an empty string."""
        return self._trouble

    def give_back(self) -> str:
        """Return all lines since the mark to the stream except the first, and return that one."""
        first = self._taken[0] if self._taken else ""
        self._again.extendleft(reversed(self._taken[1:]))
        self.number = self.start
        return first

    def __iter__(self) -> _LineReader:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._fresh()
        self.number += 1
        self._taken.append(line)
        self._length += len(line)
        if self._length > LONGEST:
            raise _UnclosedQuote
        return line

    def _fresh(self) -> str:
        raw = self.stream.readline(LONGEST)
        if not raw:
            raise StopIteration
        if len(raw) == LONGEST and not raw.endswith(b"\n"):
            self._trouble = f"a line is longer than {LONGEST:,} bytes"
            while (more := self.stream.readline(LONGEST)) and not more.endswith(b"\n"):
                pass
            raw = raw[:200]
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            self._trouble = f"not UTF-8 at {raw[max(0, error.start - 10) : error.start + 10]!r}"
            return raw.decode(errors="replace")


class _UnclosedQuote(Exception):
    pass


def _read_csv(lines: _LineReader, columns: Sequence[str], names: list[str]) -> Iterator[FileRecord | BrokenRecord]:
    head = next(lines, "")
    if not head.strip() or lines.trouble():
        raise UnreadableFile("The file is empty." if not head.strip() else f"The first line is {lines.trouble()}.")
    delimiter = max(_DELIMITERS, key=lambda mark: (*_count_found(_cells(head, mark), columns), mark == ","))
    names += _cells(head, delimiter)
    places = [_column_index(names, column) for column in columns]
    size, pick = len(names), _picker(places)
    guarded = tuple(names[-2:]) == ERROR_COLUMNS
    table = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.mark()
        try:
            row = [read_csv_cell(cell) for cell in next(table)] if guarded else next(table)
        except StopIteration:
            return
        except (csv.Error, _UnclosedQuote) as error:
            yield BrokenRecord(lines.start, lines.trouble() or _explain(error), lines.give_back()[:200])
            continue
        if lines.trouble():
            yield BrokenRecord(lines.start, lines.trouble(), " ".join(row)[:200])
        elif len(row) == size or (len(row) > size and not any(row[size:])):  # spreadsheets add empty cells
            yield FileRecord(lines.start, pick(row), row[:size])
        elif row:
            reason = f"it has {len(row)} cells, but the first line has {len(names)}"
            yield BrokenRecord(lines.start, reason, delimiter.join(row))


def _count_found(names: Sequence[str], columns: Sequence[str]) -> tuple[int, int]:
    """Return how many of the wanted columns are there. If none is wanted, the delimiter with most columns is used."""
    return sum(column in names for column in columns), 0 if columns else len(names)


def _picker(places: Sequence[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    if not places:
        return lambda _row: ()
    if len(places) == 1:
        return lambda row: (row[places[0]],)
    return itemgetter(*places)


def _cells(head: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([head], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _column_index(names: Sequence[str], column: str) -> int:
    if column not in names:
        raise UnreadableFile(f"The file has no column {column!r}. Its columns: {', '.join(names) or 'none'}.")
    return names.index(column)


def _explain(error: Exception) -> str:
    if isinstance(error, _UnclosedQuote) or "unexpected end" in str(error):
        return "a quotation mark is never closed"
    if "expected after" in str(error):
        return "a quotation mark is not closed, or one inside a quoted cell is not doubled"
    return str(error)


def _read_json(lines: _LineReader, columns: Sequence[str], names: list[str]) -> Iterator[FileRecord | BrokenRecord]:
    names += columns
    for line in _each_line(lines):
        if not line.strip():
            continue
        try:
            if lines.trouble():
                raise ValueError(lines.trouble())
            values = _values(line, columns)
            yield FileRecord(lines.start, values, values or (line,))
        except ValueError as error:
            yield BrokenRecord(lines.start, str(error), line.strip()[:200])
    if not lines.number:
        raise UnreadableFile("The file is empty.")


def _each_line(lines: _LineReader) -> Iterator[str]:
    """Yield lines one by one as records."""
    while True:
        lines.mark()
        line = next(lines, None)
        if line is None:
            return
        yield line


def _values(line: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the wanted values of a line of JSON as text. Raises ValueError."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON ({getattr(error, 'msg', 'nested too deep')})") from error
    if not isinstance(entry, dict):
        raise ValueError("not a JSON object")
    for column in columns:
        if column not in entry:
            raise ValueError(f"no key {column!r}")
    return tuple(_text(entry[column]) for column in columns)


def _text(value: object) -> str:
    """Return a JSON value as text. A lone surrogate, which databases reject, becomes the replacement character."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
