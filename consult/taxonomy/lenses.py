"""Lenses: everything that is said under a term, in all consultations. Each package adds what it has: one lens a kind.

A package registers at assembly (in its `init_app`):

    lenses.register(Lens("signals", N_("Signals"), find_signals, count_signals, order=40))

`find_signals(session, term_ids, before, most)` gives at most `most` items about any of the terms, the newest first,
below the row number `before` (None: from the newest); `count_signals(session, term_ids)` how many there are, up to
`MANY` and one. Both take a fixed number of statements, whatever the number of consultations. An item says where it is
read; the page needs no template of the package. `case_studies/lens.py` is an example.
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
"""More than this are not counted."""


@dataclass(frozen=True)
class LensItem:
    """Something said under a term. `endpoint` and `values` make its address; `of`: where it was said, with language."""

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
    """A kind of thing that is said under a term. `name` is part of the address of its list."""

    name: str
    title: Any
    find: FindItems = field(repr=False)
    count: Callable[[Session, Collection[int]], int] = field(repr=False)
    order: int = 100


_lenses: dict[str, Lens] = {}


def register(lens: Lens) -> None:
    """Adds a lens to the page of every term. May be repeated."""
    _lenses[lens.name] = lens


def list_lenses() -> list[Lens]:
    """All lenses, in their order."""
    return sorted(_lenses.values(), key=lambda lens: (lens.order, lens.name))


@dataclass(frozen=True)
class LensGroup:
    """What one lens found: the first few, and how many there are, up to MANY."""

    lens: Lens
    items: Sequence[LensItem]
    count: int

    @property
    def is_more(self) -> bool:
        """Whether there are more than are counted."""
        return self.count > MANY


def look(session: Session, term_ids: Collection[int]) -> list[LensGroup]:
    """What every lens finds under these terms: two statements a lens."""
    found = []
    for lens in list_lenses():
        items = lens.find(session, term_ids, None, FEW)
        count = lens.count(session, term_ids) if len(items) == FEW else len(items)
        found.append(LensGroup(lens, items, count))
    return found


def list_page(
    session: Session, name: str, term_ids: Collection[int], *, after: str | None
) -> tuple[Lens, Page[LensItem]]:
    """A page of one lens. Raises NotFound."""
    lens = _lenses.get(name)
    if lens is None:
        raise NotFound(_("There is no such list."))
    rows = lens.find(session, term_ids, decode_id_cursor(after), PAGE + 1)
    return lens, make_page(rows, PAGE, lambda item: [item.id])


def count_some(session: Session, wanted: Select[Any]) -> int:
    """How many rows a select gives, up to MANY and one."""
    return session.scalar(select(func.count()).select_from(wanted.limit(MANY + 1).subquery())) or 0
