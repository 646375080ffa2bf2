"""Typed declarations of jobs that need large libraries, which are loaded at the first call.

A feature's `jobs` package declares them. Its modules implement them, and are imported at the first call.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Generic, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Job(Generic[Parameters, Result]):
    """A function declared here and implemented elsewhere.

    `@Job` marks the declaration, `@job.give` the implementation. Type checkers compare both signatures.
    """

    def __init__(self, declared: Callable[Parameters, Result]) -> None:
        self._package = declared.__module__
        self._name = declared.__name__
        self._body: Callable[Parameters, Result] | None = None
        self.__doc__ = declared.__doc__

    def give(self, body: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        """Register a function as the implementation. Use as a decorator."""
        self._body = body
        return body

    def __call__(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if self._body is None:
            _load_modules(self._package)
        if self._body is None:
            raise NotImplementedError(f"No module of {self._package} gives {self._name}.")
        return self._body(*args, **kwargs)


def _load_modules(package: str) -> None:
    for module in iter_modules(import_module(package).__path__):
        import_module(f"{package}.{module.name}")
