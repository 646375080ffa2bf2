"""Systems that the operator can switch off: whole packages, such as early warning or plans.

While a system is off, its pages and files answer 404, and jobs that remind people or create work pause. It fills no
slots, and menus and search leave it out. Its data remain, and deletions that were promised go on. The setting is the
site value `system.<package>`, which is "off" or empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, has_app_context
from sqlalchemy.orm import Session

from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.face import get_face, refresh

PREFIX = "system."
OFF = "off"


@dataclass(frozen=True)
class Duty:
    """Work that must end before a system can be switched off, with the endpoint of the page where it can be ended."""

    words: str
    endpoint: str


@dataclass(frozen=True)
class System:
    """A package that can be switched off. `absent` is the sentence shown in place of its pages."""

    package: str
    label: Any
    hint: Any
    absent: Any
    duties: Callable[[Session], Sequence[Duty]]

    @property
    def key(self) -> str:
        return PREFIX + self.package

    @property
    def is_on(self) -> bool:
        return is_on(self.package)


def declare(app: Flask, system: System) -> None:
    """Let the operator switch this package off."""
    list_systems(app).append(system)


def list_systems(app: Flask) -> list[System]:
    """Return the systems of an application, in the order of its packages."""
    systems: list[System] = app.extensions.setdefault("consult.systems", [])
    return systems


def is_on(package: str) -> bool:
    """Return False if the operator has switched this package off."""
    return get_face().value(PREFIX + package) != OFF


def is_module_on(module: str) -> bool:
    """Return False if the module belongs to a package that is switched off.

    >>> is_module_on("consult.core.web.systems")
    True
    """
    return is_on(module.split(".")[1]) if "." in module else True


def is_paused(module: str) -> bool:
    """Return True if the module belongs to a package that is switched off, from values at most seconds old."""
    refresh()
    return not is_module_on(module)


def require_on(module: str) -> None:
    """Raise NotFound if the module belongs to a package that is switched off."""
    if not has_app_context() or is_module_on(module):
        return
    system = next((each for each in list_systems(current_app) if module.split(".")[1] == each.package), None)
    raise NotFound(_(system.absent) if system else _("This page does not exist."))


def init_app(app: Flask) -> None:
    app.jinja_env.globals["uses"] = is_on
