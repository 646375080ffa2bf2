"""Tables in and out: rows of a file that must be whole, CSV written whole or not at all."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from consult.cli.records import Broken, File, Unreadable


def rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The named columns of each row. Raises Unreadable at the first that is broken: a count is of all or of none."""
    try:
        for record in File(path, columns):
            if isinstance(record, Broken):
                raise Unreadable(f"{path}, line {record.line}: {record.reason}.")
            yield record.cells
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}.") from error


def require_writable(path: Path | None, *others: Path | None) -> None:
    """Raises Unreadable where no file can be put there, or one of the others would be lost: known before hours are
    spent on what goes into it."""
    if path is None:
        return
    if same := next((other for other in others if other is not None and _same(path, other)), None):
        raise Unreadable(f"{path} cannot be written: it is the same file as {same}. Give another name.")
    if not path.parent.is_dir():
        raise Unreadable(f"{path} cannot be written: there is no folder {path.parent}.")
    if not os.access(path if path.exists() and not path.is_file() else path.parent, os.W_OK):
        raise Unreadable(f"{path} cannot be written: that is not allowed here.")


def _same(one: Path, other: Path) -> bool:
    """Whether both are one file, by whatever names. A device, such as /dev/null, holds nothing to be lost."""
    if one.exists() and other.exists():
        return one.is_file() and one.samefile(other)
    return one.resolve() == other.resolve()


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
