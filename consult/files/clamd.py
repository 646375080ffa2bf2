"""Client of the ClamAV daemon. Source: clamd(8), INSTREAM."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

_CHUNK = 2**16
_PATIENCE = 60.0


class ScannerAway(Exception):
    """The scanner does not respond, or reports that it could not scan the file."""


def is_infected(url: str, data: bytes) -> bool:
    """Return True if the scanner at `tcp://host:port` or `unix:///path` finds a virus. Raises ScannerAway."""
    try:
        with _connect(url) as line:
            line.sendall(b"zINSTREAM\0")
            for at in range(0, len(data), _CHUNK):
                chunk = data[at : at + _CHUNK]
                line.sendall(len(chunk).to_bytes(4, "big") + chunk)
            line.sendall(bytes(4))
            answer = _read_answer(line)
    except OSError as error:
        raise ScannerAway(type(error).__name__) from error
    if answer.endswith(" FOUND"):
        return True
    if answer != "stream: OK":
        raise ScannerAway(answer[:80])
    return False


def is_answering(url: str) -> bool:
    """Return True if the scanner responds."""
    try:
        with _connect(url, patience=2) as line:
            line.sendall(b"zPING\0")
            return _read_answer(line) == "PONG"
    except OSError:
        return False


def _connect(url: str, patience: float = _PATIENCE) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 3310), timeout=patience)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(patience)
    try:
        line.connect(parts.path)
    except OSError:
        line.close()
        raise
    return line


def _read_answer(line: socket.socket) -> str:
    heard = b""
    while not heard.endswith(b"\0") and len(heard) < 4096:
        piece = line.recv(4096)
        if not piece:
            break
        heard += piece
    return heard.rstrip(b"\0\n").decode("utf-8", "replace").strip()
