"""Tables in and out: CSV, CSV.gz and JSONL read row by row, CSV written whole or not at all."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

csv.field_size_limit(1 << 30)
_JSONL = {".jsonl", ".ndjson", ".json"}
_DELIMITERS = (",", ";", "\t")


class Unreadable(Exception):
    """A file that is not the table it should be; the message says where, in one sentence."""


def rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The named columns of each row. Raises Unreadable."""
    lines = _Lines(path)
    try:
        with lines.opened() as stream:
            read = _json_rows if lines.suffix in _JSONL else _csv_rows
            yield from read(path, stream, columns, lines)
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is not UTF-8: see line {lines.number + 1} or one soon after it.") from error
    except (gzip.BadGzipFile, EOFError) as error:
        raise Unreadable(f"{path} is not a whole gzip file.") from error
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}.") from error


class _Lines:
    """A file as lines of text, with the number of the last one that was read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 0
        suffixes = [suffix.lower() for suffix in path.suffixes]
        self.suffix = "".join((suffixes[:-1] if suffixes[-1:] == [".gz"] else suffixes)[-1:])

    @contextmanager
    def opened(self) -> Iterator[IO[str]]:
        with self.path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            stream: Any = gzip.GzipFile(fileobj=raw) if zipped else raw
            with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
                yield text


def _csv_rows(path: Path, stream: IO[str], columns: Sequence[str], lines: _Lines) -> Iterator[tuple[str, ...]]:
    head = stream.readline()
    if not head.strip():
        raise Unreadable(f"{path} is empty.")
    delimiter = max(_DELIMITERS, key=lambda mark: (all(name in _cells(head, mark) for name in columns), mark == ","))
    places = _places(path, _cells(head, delimiter), columns)
    table = csv.reader(stream, delimiter=delimiter, strict=True)
    most, single, pick = max(places), len(places) == 1, itemgetter(*places)
    started = lines.number = 1
    try:
        for row in table:
            if len(row) > most:
                yield (row[places[0]],) if single else pick(row)
            elif row:
                raise Unreadable(f"{path}, line {started + 1}: too few cells ({len(row)}).")
            started = lines.number = table.line_num + 1
    except csv.Error as error:
        what = "a quotation mark is not closed" if "unexpected end" in str(error) else f"broken quotes ({error})"
        raise Unreadable(f"{path}, line {started + 1}: {what}.") from error


def _cells(head: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([head], delimiter=delimiter), [])
    except csv.Error:
        return []


def _places(path: Path, names: Sequence[str], columns: Sequence[str]) -> list[int]:
    for column in columns:
        if column not in names:
            raise Unreadable(f"{path} has no column {column!r}; it has {', '.join(names)}.")
    return [names.index(column) for column in columns]


def _json_rows(path: Path, stream: IO[str], columns: Sequence[str], lines: _Lines) -> Iterator[tuple[str, ...]]:
    for line in stream:
        lines.number += 1
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise Unreadable(f"{path}, line {lines.number}: not JSON ({error.msg}).") from error
        if not isinstance(entry, dict):
            raise Unreadable(f"{path}, line {lines.number}: not a JSON object.")
        for column in columns:
            if column not in entry:
                raise Unreadable(f"{path}, line {lines.number}: no key {column!r}; it has {', '.join(entry)}.")
        yield tuple(_cell(entry[column]) for column in columns)
    if not lines.number:
        raise Unreadable(f"{path} is empty.")


def _cell(value: object) -> str:
    """A JSON value as text; half a surrogate pair, which no file can hold, becomes the replacement character."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@contextmanager
def table(path: Path, columns: Sequence[str]) -> Iterator[Any]:
    """A CSV writer whose file is there, whole, only if all went well."""
    try:
        with _replacing(path) as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(columns)
            yield writer
    except OSError as error:
        raise Unreadable(f"{path} cannot be written: {error.strerror or error}.") from error


@contextmanager
def _replacing(path: Path) -> Iterator[IO[str]]:
    if path.exists() and not path.is_file():  # a pipe or a device: nothing to put in its place
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
