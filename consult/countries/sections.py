"""Sections of a country's page. Each upper package registers one at assembly, as it does for topics.

    sections.register(CountrySection("plans", N_("Plans"), find_plans, order=30))

`find_plans(session, country, most)` returns at most `most` items, newest first, in a fixed number of statements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from consult.core.web.systems import is_module_on
from consult.taxonomy.lenses import LensItem

MOST = 12
"""Items of a section on the page."""
FindOfCountry: TypeAlias = Callable[[Session, str, int], Sequence[LensItem]]


@dataclass(frozen=True)
class CountrySection:
    """A kind of item on the pages of countries. `endpoint` is that of the page that lists all of a country."""

    name: str
    title: Any
    find: FindOfCountry = field(repr=False)
    order: int = 100
    endpoint: str = ""


_sections: dict[str, CountrySection] = {}


def register(section: CountrySection) -> None:
    """Register a section for the page of each country. Safe to repeat."""
    _sections[section.name] = section


@dataclass(frozen=True)
class FilledSection:
    """A section with its first items. `is_more`: there are more than these."""

    section: CountrySection
    items: Sequence[LensItem]
    is_more: bool


def collect(session: Session, country: str) -> list[FilledSection]:
    """Return the sections that have items for a country, in order. Those of switched-off packages are left out."""
    filled = []
    for section in sorted(_sections.values(), key=lambda each: (each.order, each.name)):
        if is_module_on(section.find.__module__) and (items := section.find(session, country, MOST + 1)):
            filled.append(FilledSection(section, items[:MOST], len(items) > MOST))
    return filled
