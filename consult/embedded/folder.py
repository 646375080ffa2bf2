"""The data folder: locked, private, and with short socket paths."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from consult.embedded.errors import EmbeddedError

_SOCKET_NAME_LENGTH = len(".s.PGSQL.5432.lock")
_MAX_SOCKET_PATH = 103  # macOS allows 103 bytes, Linux 107
_UNQUOTED_PATH = re.compile(r"[A-Za-z0-9/._-]+")


def ensure_writable(folder: Path) -> Path:
    """Return the folder's full path, creating it if missing. Raises EmbeddedError if it is not writable."""
    try:
        folder = folder.expanduser().resolve()
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o700)
        probe = folder / ".write-probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise EmbeddedError(
            f"The folder {folder} cannot be written to ({error.strerror}). Choose another one with --data."
        ) from error
    return folder


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which ends with the process. Raises EmbeddedError if another process holds it."""
    path = folder / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = path.read_text().strip() or "unknown"
            raise EmbeddedError(
                f"Consult already runs on {folder} (process {holder}). Stop it first, or choose another folder "
                "with --data."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def socket_folder(folder: Path) -> Path:
    """Return an empty private folder for sockets: `run` in the data folder, or a short one if that is unsuitable."""
    inside = folder / "run"
    _recreate(inside)
    return inside if _allows_sockets(inside) else _short_socket_folder(folder)


def _allows_sockets(folder: Path) -> bool:
    """Return True if the file system supports sockets here and the path needs no quoting in a URL."""
    if len(os.fsencode(folder)) + 1 + _SOCKET_NAME_LENGTH > _MAX_SOCKET_PATH or not _UNQUOTED_PATH.fullmatch(
        str(folder)
    ):
        return False
    probe = folder / ".s.probe"
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(probe))
        probe.unlink()
    except OSError:
        return False
    return True


def _short_socket_folder(folder: Path) -> Path:
    """Return a private folder under the system's temporary one, named after the data folder."""
    name = f"consult-{os.geteuid()}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:10]}"
    for base in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - private (0700) and checked below
        short = base / name
        try:
            _recreate(short)
        except OSError:
            continue
        if _allows_sockets(short):
            return short
    raise EmbeddedError(f"Cannot create a private folder for sockets in {tempfile.gettempdir()}. Set TMPDIR.")


def _recreate(folder: Path) -> None:
    """Replace the folder by an empty one. Raises FileExistsError if the path is a link."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
