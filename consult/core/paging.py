"""Keyset paging: a page starts after the last row of the previous one, so page 5,000 costs as much as page 1."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from consult.core.errors import NotFound
from consult.core.i18n import _

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """A page of items, and the cursor of the next page (None at the end)."""

    items: Sequence[Item]
    next_cursor: str | None = None


def make_page(rows: Sequence[Item], size: int, key: Callable[[Item], list[Any]]) -> Page[Item]:
    """Make a page of rows from a query for `size + 1` rows."""
    if len(rows) <= size:
        return Page(rows)
    return Page(rows[:size], encode_cursor(key(rows[size - 1])))


def encode_cursor(key: list[Any]) -> str:
    """Return a cursor that is safe in URLs.

    >>> decode_cursor(encode_cursor([3, "b"]))
    [3, 'b']
    """
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, length: int | None = None) -> list[Any] | None:
    """Return the key in a cursor, or None if there is none. Raises NotFound for an invalid cursor."""
    if not cursor:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        key = None
    if not isinstance(key, list) or (length is not None and len(key) != length):
        raise NotFound(_("This page of the list does not exist. Start from the first page."))
    return key


def decode_time_cursor(cursor: str | None) -> tuple[datetime, int] | None:
    """Return the time and row ID in a cursor, or None without one. Raises NotFound for an invalid cursor."""
    key = decode_cursor(cursor, 2)
    if key is None:
        return None
    try:
        at = datetime.fromisoformat(str(key[0]))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not isinstance(key[1], int) or not -(2**63) <= key[1] < 2**63:
        raise NotFound(_("This page of the list does not exist. Start from the first page."))
    return at, key[1]


def decode_id_cursor(cursor: str | None) -> int | None:
    """Return the row ID in a cursor, or None without one. Raises NotFound for an invalid cursor."""
    key = decode_cursor(cursor, 1)
    if key is None:
        return None
    if not isinstance(key[0], int) or not -(2**63) <= key[0] < 2**63:
        raise NotFound(_("This page of the list does not exist. Start from the first page."))
    return key[0]
