"""Links in e-mail footers for unsubscribing or changing preferences without signing in."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

Row = TypeVar("Row")


def get_by_link(
    session: Session, table: type[Row], given: str, make_token: Callable[[Row], str], *, prefix: str = ""
) -> Row | None:
    """Return the row of a link, or None if the token is forged, truncated or of another kind.

    A token is `<prefix><row id>-<secret>`; `make_token` returns the valid one.
    """
    number = given.removeprefix(prefix).partition("-")[0]
    is_number = number.isascii() and number.isdigit() and len(number) < 19
    row = session.get(table, int(number)) if is_number else None
    return row if row is not None and hmac.compare_digest(make_token(row).encode(), given.encode()) else None


def one_click_headers(addresses: str) -> dict[str, str]:
    """Return the headers by which mail programs stop e-mails with one click. Source: RFC 8058.

    `addresses`: such as `<{{stop}}>`, with a field of each copy.
    """
    return {"List-Unsubscribe": addresses, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
