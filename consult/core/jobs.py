"""Typed declarations of jobs that need heavy libraries, loaded at their first call.

The package `jobs` of a feature declares them; its modules give them, and are loaded when one is first called.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Generic, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Job(Generic[Parameters, Result]):
    """A function that is declared here and given elsewhere: `@Job` above its declaration, `@job.give` above its body.

    The types of both are compared when types are checked.
    """

    def __init__(self, declared: Callable[Parameters, Result]) -> None:
        self._package = declared.__module__
        self._name = declared.__name__
        self._body: Callable[Parameters, Result] | None = None
        self.__doc__ = declared.__doc__

    def give(self, body: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        """Registers the function that does it."""
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
