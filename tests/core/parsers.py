"""Parsers that do as they should, and those that do not."""

from __future__ import annotations

import os
import signal
import sys
import time


def upper(data: bytes, ending: str = "") -> bytes:
    print("a library that prints")
    return data.upper() + ending.encode()


def around(data: bytes) -> bytes:
    return f"{'flask' in sys.modules} {len(os.environ)} {'consult.site' in sys.modules}".encode()


def grow(data: bytes) -> bytes:
    kept = []
    while True:
        kept.append(bytearray(2**24))


def spin(data: bytes) -> bytes:
    while True:
        pass


def rest(data: bytes) -> bytes:
    time.sleep(60)
    return data


def fall(data: bytes) -> bytes:
    raise ValueError(data.decode())


def crash(data: bytes) -> bytes:
    os.kill(os.getpid(), signal.SIGSEGV)
    return data


def burst(data: bytes) -> bytes:
    """As a library in C does that is given no more memory."""
    os.abort()
