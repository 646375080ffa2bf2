"""Slots: places on a page that upper packages can fill.

The package of a page declares a slot: a frozen dataclass of the data it passes, with the name used in its template. An
upper package registers a filling at assembly: a query and a template. The view collects the results of the fillings
before rendering, so that the queries of a page are in one place. An export collects the same. The template renders it:
`{{ slot("provision.aside") }}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from flask import Flask, current_app
from markupsafe import Markup
from sqlalchemy.orm import Session

from consult.core.web import systems


class Slot:
    """A place on a page. The name is that of the page and the place. A subclass holds the data passed to fillings."""

    name: ClassVar[str]


Given = TypeVar("Given", bound=Slot)


@dataclass(frozen=True)
class SlotFilling(Generic[Given]):
    """The content that an upper package puts into a slot.

    The template has a macro `show(found, given)`. For a slot repeated for each item of a list, the query runs once for
    all items, and the macro is `show(found, given, item)`.
    """

    slot: type[Given]
    query: Callable[[Session, Given], object]
    template: str


@dataclass(frozen=True)
class FilledSlot:
    """A slot of one page: the data passed, and the result of each filling."""

    slot: Slot
    fillings: Sequence[tuple[str, object]]  # results by template


@dataclass(frozen=True)
class SlotContents:
    """The filled slots of one page. Call it in a template to render one; a slot that was not collected is an error."""

    filled: Mapping[str, FilledSlot] = field(default_factory=dict)

    def __call__(self, name: str, *item: object) -> Markup:
        filled, templates = self.filled[name], current_app.jinja_env
        shown = (
            templates.get_template(template).module.show(found, filled.slot, *item)  # type: ignore[attr-defined]
            for template, found in filled.fillings
        )
        return Markup().join(shown)

    def found(self, slot: type[Slot]) -> list[object]:
        """Return the results of a slot's fillings as data."""
        return [found for _template, found in self.filled[slot.name].fillings]


def fill(app: Flask, slot: type[Given], query: Callable[[Session, Given], object], template: str) -> None:
    """Register a filling. The order of packages determines the order on the page."""
    list_fillings(app).append(SlotFilling(slot, query, template))


def list_fillings(app: Flask) -> list[SlotFilling[Any]]:
    """Return all fillings of an application."""
    fillings: list[SlotFilling[Any]] = app.extensions.setdefault("consult.slots", [])
    return fillings


def collect(session: Session, *slots: Slot) -> SlotContents:
    """Run the queries of the fillings of these slots, in order. Systems that are switched off fill nothing."""
    fillings = [each for each in list_fillings(current_app) if systems.is_module_on(each.query.__module__)]
    return SlotContents(
        {
            given.name: FilledSlot(
                given, [(each.template, each.query(session, given)) for each in fillings if each.slot is type(given)]
            )
            for given in slots
        }
    )
