"""Pages of the interface: cursors that belong to one list with its filters, without a highest page."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar

from msgspec import Meta, Struct

from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import decode_cursor, encode_cursor

Item = TypeVar("Item")
MOST = 200


class ListPage(Struct, Generic[Item]):
    """A page of a list, oldest first."""

    data: list[Item]
    as_of: Annotated[int, Meta(description="The number of the last entry of the public record that is included.")]
    next: Annotated[str | None, Meta(description="The cursor of the next page. Null at the end.")] = None


class PageQuery(Struct, forbid_unknown_fields=True, kw_only=True):
    """Parameters of every list."""

    limit: Annotated[int, Meta(ge=1, le=MOST, description="Records on a page.")] = 50
    cursor: Annotated[str, Meta(max_length=200, description="`next` of the page before.")] = ""


def make_cursor(name: str, filters: Mapping[str, Any], last: int) -> str:
    """Return the cursor after a row of a list."""
    return encode_cursor([_mark(name, filters), last])


def read_cursor(name: str, filters: Mapping[str, Any], cursor: str) -> int:
    """Return the last row in a cursor, 0 without one. Raises NotFound for a cursor of another list or filter."""
    key = decode_cursor(cursor, 2)
    if key is None:
        return 0
    mark, last = key
    if mark != _mark(name, filters) or type(last) is not int or not 0 <= last < 2**63:
        raise NotFound(_("This page of the list does not exist. Start from the first page."))
    return last


def _mark(name: str, filters: Mapping[str, Any]) -> str:
    return sha256(repr((name, sorted(filters.items()))).encode()).hexdigest()[:8]
