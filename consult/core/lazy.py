"""Lazy imports."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class LazyModule:
    """A stand-in that imports the module with this name at first use.

    >>> LazyModule("math").sqrt(9)
    3.0
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(import_module(self._name), attribute)
        setattr(self, attribute, found)  # not looked up again
        return found
