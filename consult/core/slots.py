"""Slots: places on a page that packages above its own fill.

The package of a page declares a slot: a frozen dataclass of what the page hands down, with the name by which its
template shows it. A package above registers a filling at assembly: a query and a template. The view collects what all
fillings find, before anything is rendered, so that the statements of a page are decided there; an export collects the
same. The template shows it: `{{ slot("provision.aside") }}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from flask import Flask, current_app
from markupsafe import Markup
from sqlalchemy.orm import Session


class Slot:
    """A place on a page: the noun of the page and what stands there. A subclass holds what the page hands down."""

    name: ClassVar[str]


Given = TypeVar("Given", bound=Slot)


@dataclass(frozen=True)
class SlotFilling(Generic[Given]):
    """What a package puts into a slot of a package below it.

    The template has a macro `show(found, given)`. Of a slot that stands at each item of a list, the query is asked once
    for all of them, and the macro is `show(found, given, item)`.
    """

    slot: type[Given]
    query: Callable[[Session, Given], object]
    template: str


@dataclass(frozen=True)
class FilledSlot:
    """A slot of one page: what was handed down, and what each filling found."""

    slot: Slot
    fillings: Sequence[tuple[str, object]]  # by the template that shows it


@dataclass(frozen=True)
class SlotContents:
    """The slots of one page, filled. Calling it in a template shows one of them; a slot not collected is an error."""

    filled: Mapping[str, FilledSlot] = field(default_factory=dict)

    def __call__(self, name: str, *item: object) -> Markup:
        filled, templates = self.filled[name], current_app.jinja_env
        shown = (
            templates.get_template(template).module.show(found, filled.slot, *item)  # type: ignore[attr-defined]
            for template, found in filled.fillings
        )
        return Markup().join(shown)

    def found(self, slot: type[Slot]) -> list[object]:
        """What the fillings of a slot found, as data."""
        return [found for _template, found in self.filled[slot.name].fillings]


def fill(app: Flask, slot: type[Given], query: Callable[[Session, Given], object], template: str) -> None:
    """Registers a filling. The order of the packages is the order on the page."""
    list_fillings(app).append(SlotFilling(slot, query, template))


def list_fillings(app: Flask) -> list[SlotFilling[Any]]:
    """All fillings of an application."""
    fillings: list[SlotFilling[Any]] = app.extensions.setdefault("consult.slots", [])
    return fillings


def collect(session: Session, *slots: Slot) -> SlotContents:
    """Asks every filling of these slots, in their order."""
    fillings = list_fillings(current_app)
    return SlotContents(
        {
            given.name: FilledSlot(
                given, [(each.template, each.query(session, given)) for each in fillings if each.slot is type(given)]
            )
            for given in slots
        }
    )
