"""Lenses: everything related to a term, in all consultations. Each package registers one for each kind of item.

A package registers at assembly (in its `init_app`):

    lenses.register(Lens("signals", N_("Signals"), find_signals, count_signals, order=40))

`find_signals(session, term_ids, before, most)` returns at most `most` items about any of the terms, newest first, with
ids below `before` (None: from the newest). `count_signals(session, term_ids)` returns their number, up to `MANY` plus
one. Both take a fixed number of statements, whatever the number of consultations. An item has the URL of its page; the
package needs no template for the list. `case_studies/lens.py` is an example.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id_cursor, make_page

PAGE, FEW = 20, 3
MANY = 1_000
"""Maximum count."""


@dataclass(frozen=True)
class LensItem:
    """An item related to a term. `endpoint` and `values` make its URL; `of` is its source with the language."""

    id: int  # row number: the order of the list
    title: str
    endpoint: str
    values: dict[str, Any]
    words: str = ""
    language: str = ""
    by: str = ""
    at: datetime | None = None
    notes: Sequence[str] = ()
    of: tuple[str, str] | None = None
    anchor: str | None = None


FindItems = Callable[[Session, Collection[int], int | None, int], Sequence[LensItem]]


@dataclass(frozen=True)
class Lens:
    """A kind of item related to terms. `name` is part of the URL of its list."""

    name: str
    title: Any
    find: FindItems = field(repr=False)
    count: Callable[[Session, Collection[int]], int] = field(repr=False)
    order: int = 100


_lenses: dict[str, Lens] = {}


def register(lens: Lens) -> None:
    """Register a lens for the page of every term. Safe to repeat."""
    _lenses[lens.name] = lens


def list_lenses() -> list[Lens]:
    """Return all lenses, in order."""
    return sorted(_lenses.values(), key=lambda lens: (lens.order, lens.name))


@dataclass(frozen=True)
class LensGroup:
    """The first items of a lens, and the number of items up to MANY."""

    lens: Lens
    items: Sequence[LensItem]
    count: int

    @property
    def is_more(self) -> bool:
        """Return whether there are more than were counted."""
        return self.count > MANY


def look(session: Session, term_ids: Collection[int]) -> list[LensGroup]:
    """Return the first items of every lens for these terms.

    Items are counted only if the first ones fill the list.
    """
    views = []
    for lens in list_lenses():
        items = lens.find(session, term_ids, None, FEW)
        count = lens.count(session, term_ids) if len(items) == FEW else len(items)
        views.append(LensGroup(lens, items, count))
    return views


def list_page(
    session: Session, name: str, term_ids: Collection[int], *, after: str | None
) -> tuple[Lens, Page[LensItem]]:
    """Return a page of one lens. Raises NotFound."""
    lens = _lenses.get(name)
    if lens is None:
        raise NotFound(_("We cannot find this list."))
    rows = lens.find(session, term_ids, decode_id_cursor(after), PAGE + 1)
    return lens, make_page(rows, PAGE, lambda item: [item.id])


def count_some(session: Session, wanted: Select[Any]) -> int:
    """Count the rows of a select, up to MANY plus one."""
    return session.scalar(select(func.count()).select_from(wanted.limit(MANY + 1).subquery())) or 0
