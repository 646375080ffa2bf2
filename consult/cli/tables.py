"""Reading of complete tables from files, and atomic writing of CSV files."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from consult.core.text import CsvWriter
from consult.files.records import BrokenRecord, RecordFile, UnreadableFile

_UNFINISHED = ".unfinished"


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the named columns of each row.

    Raises UnreadableFile at the first broken row, so a table is read whole or not at all.
    """
    try:
        for record in RecordFile(path, columns):
            if isinstance(record, BrokenRecord):
                raise UnreadableFile(f"{path}, line {record.line}: {record.reason}.")
            yield record.cells
    except OSError as error:
        raise UnreadableFile(f"Cannot read {path}: {error.strerror or error}.") from error


def require_writable(path: Path | None, *others: Path | None) -> None:
    """Raise UnreadableFile if the file cannot be written, or if it is one of the others.

    This is checked before hours of work. Unfinished files of killed runs are deleted.
    """
    if path is None:
        return
    if same := next((other for other in others if other is not None and _is_same_file(path, other)), None):
        raise UnreadableFile(f"Cannot write {path}. It is the same file as {same}. Use another name.")
    if not path.parent.is_dir():
        raise UnreadableFile(f"Cannot write {path}. The folder {path.parent} does not exist.")
    if not os.access(path if path.exists() and not path.is_file() else path.parent, os.W_OK):
        raise UnreadableFile(f"Cannot write {path}. Permission denied.")
    remove_leftovers(path)


def remove_leftovers(path: Path) -> None:
    """Delete unfinished files of killed runs. A file still being written is locked and stays."""
    named = re.compile(rf"\.{re.escape(path.name)}\.\w{{8}}{re.escape(_UNFINISHED)}")
    for left in path.parent.iterdir():
        if named.fullmatch(left.name):
            with suppress(OSError):  # locked by another process, or deleted already
                handle = os.open(left, os.O_RDWR | os.O_NOFOLLOW)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    left.unlink()
                finally:
                    os.close(handle)


def _is_same_file(one: Path, other: Path) -> bool:
    """Return True if both paths are the same file. Devices such as /dev/null do not count."""
    if one.exists() and other.exists():
        return one.is_file() and one.samefile(other)
    return one.resolve() == other.resolve()


@contextmanager
def table_writer(path: Path, columns: Sequence[str]) -> Iterator[CsvWriter]:
    """Open a CSV writer whose file appears only when complete and without errors."""
    try:
        with _replace_when_done(path) as stream:
            writer = CsvWriter(stream, line_end="\n")
            writer.writerow(columns)
            yield writer
    except OSError as error:
        raise UnreadableFile(f"Cannot write {path}: {error.strerror or error}.") from error


@contextmanager
def _replace_when_done(path: Path) -> Iterator[IO[str]]:
    if path.exists() and not path.is_file():  # pipes and devices are not replaced
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        return
    handle, name = _open_nameless(path.parent), ""
    if handle is None:
        handle, name = _open_unfinished(path)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            name = name or _name(handle, path)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        if name:
            with suppress(FileNotFoundError):
                os.unlink(name)
        raise


def _open_nameless(folder: Path) -> int | None:
    """Open a file without a name, of which nothing remains if the process dies.

    Returns None if the file system does not support that.
    """
    try:
        handle = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600)
    except (OSError, AttributeError):
        return None
    if os.path.exists(f"/proc/self/fd/{handle}"):
        return handle
    os.close(handle)
    return None


def _name(handle: int, path: Path) -> str:
    """Give an unnamed file a temporary name, with which it then replaces another file."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        while True:
            name = f"{path.parent}/.{path.name}.{secrets.token_hex(4)}{_UNFINISHED}"
            with suppress(FileExistsError):
                os.link(f"/proc/self/fd/{handle}", name, src_dir_fd=folder, follow_symlinks=True)
                return name
    finally:
        os.close(folder)


def _open_unfinished(path: Path) -> tuple[int, str]:
    """Create a temporary file for writing, locked until it is closed or the process ends."""
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_UNFINISHED)
        with suppress(OSError):  # without file locks nobody else deletes it either
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.path.exists(name):  # otherwise it was deleted as a leftover before it was locked
            return handle, name
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
