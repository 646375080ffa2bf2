"""Reads complete tables from files, and writes CSV files atomically."""

from __future__ import annotations

import csv
import fcntl
import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from consult.cli.records import BrokenRecord, RecordFile, UnreadableFile

_UNFINISHED = ".unfinished"


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The named columns of each row. Raises UnreadableFile at the first that is broken: all or none are counted."""
    try:
        for record in RecordFile(path, columns):
            if isinstance(record, BrokenRecord):
                raise UnreadableFile(f"{path}, line {record.line}: {record.reason}.")
            yield record.cells
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror or error}.") from error


def require_writable(path: Path | None, *others: Path | None) -> None:
    """Raises UnreadableFile where no file can be put there, or one of the others would be lost: known before hours are
    spent on what goes into it. Removes what runs that were killed have left beside it."""
    if path is None:
        return
    if same := next((other for other in others if other is not None and _is_same_file(path, other)), None):
        raise UnreadableFile(f"{path} cannot be written: it is the same file as {same}. Give another name.")
    if not path.parent.is_dir():
        raise UnreadableFile(f"{path} cannot be written: there is no folder {path.parent}.")
    if not os.access(path if path.exists() and not path.is_file() else path.parent, os.W_OK):
        raise UnreadableFile(f"{path} cannot be written: that is not allowed here.")
    remove_leftovers(path)


def remove_leftovers(path: Path) -> None:
    """Deletes the unfinished files of runs that were killed. One that is still written to is locked, and stays."""
    named = re.compile(rf"\.{re.escape(path.name)}\.\w{{8}}{re.escape(_UNFINISHED)}")
    for left in path.parent.iterdir():
        if named.fullmatch(left.name):
            with suppress(OSError):  # another's, or gone already
                handle = os.open(left, os.O_RDWR | os.O_NOFOLLOW)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    left.unlink()
                finally:
                    os.close(handle)


def _is_same_file(one: Path, other: Path) -> bool:
    """Whether both are one file, by whatever names. A device, such as /dev/null, holds nothing to be lost."""
    if one.exists() and other.exists():
        return one.is_file() and one.samefile(other)
    return one.resolve() == other.resolve()


@contextmanager
def table_writer(path: Path, columns: Sequence[str]) -> Iterator[Any]:
    """A CSV writer whose file is there, whole, only if all went well."""
    try:
        with _replace_when_done(path) as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(columns)
            yield writer
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be written: {error.strerror or error}.") from error


@contextmanager
def _replace_when_done(path: Path) -> Iterator[IO[str]]:
    if path.exists() and not path.is_file():  # a pipe or a device: nothing to put in its place
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
    """A file in a folder without a name: nothing is left of it however this process ends. None where the file system
    has no such files."""
    try:
        handle = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600)
    except (OSError, AttributeError):
        return None
    if os.path.exists(f"/proc/self/fd/{handle}"):
        return handle
    os.close(handle)
    return None


def _name(handle: int, path: Path) -> str:
    """The name that a nameless file gets for the moment before it takes the place of another."""
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
    """A file of its own to write to, locked until it is closed, however this process ends."""
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_UNFINISHED)
        with suppress(OSError):  # a file system without locks: then nobody removes it either
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.path.exists(name):  # else somebody took it for a leftover before it was locked
            return handle, name
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
