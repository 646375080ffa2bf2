"""Lists behind a digest's numbers: the submissions that were counted, unaffected by later events.

A list is read from the ledger entries of the digest's window (or of everything before its end, for totals), newest
first, with keyset pagination. The text of a submission is shown only while it is published. Groups of contributors have
a list if their number is shown; small groups have a common one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.paging import Page, decode_cursor, make_page
from consult.digests.content.body import Body
from consult.digests.content.rows import CountedPlace
from consult.digests.lists.names import ListSelector, parse_list_name
from consult.digests.lists.numbers import ListNumbers, find_numbers, find_place, get_group, get_number, list_keys
from consult.digests.lists.statements import (
    FIRST_WORDS,
    WORDS_ABOUT,
    WORDS_AT,
    WORDS_OF_COMMENTS,
    WORDS_OF_SIDES,
    select_list,
)
from consult.submissions.model import State

PAGE = 15
AT_ONCE = 1_000
"""The number of rows of a file read at a time."""
_LAST = 2**62


class ListSource(Protocol):
    """A source of numbers with lists: a digest or “What we heard”."""

    @property
    def consultation_id(self) -> int: ...

    @property
    def since(self) -> int: ...

    @property
    def until(self) -> int: ...

    @property
    def slot_at(self) -> datetime: ...

    @property
    def body(self) -> Body | ListNumbers | None: ...


@dataclass(frozen=True)
class ListedSubmission:
    """A submission in a list. It has no text if it is not published now."""

    reference: str
    state: State
    at: datetime | None
    name: str | None
    words: str | None = None
    language: str = DEFAULT_LANGUAGE
    stance: str | None = None
    comment_id: int | None = None
    copies: int = 1
    place: str = ""  # key of the place, in a list of several places


@dataclass(frozen=True)
class SubmissionList:
    numbers: ListNumbers
    what: ListSelector
    count: int
    place: CountedPlace | None
    page: Page[ListedSubmission]


def get_list(
    session: Session, source: ListSource, name: str, *, after: str | None = None, most: int = PAGE
) -> SubmissionList:
    """Return a page of the list behind a number. Raises NotFound."""
    what = parse_list_name(name)
    numbers = find_numbers(source.body)
    n = get_number(numbers, what)
    key = (decode_cursor(after, 1) or [None])[0]
    values = {
        "consultation": source.consultation_id,
        "until": source.until,
        "most": most + 1,
        "place": what.place,
        "since": 1 if what.all else source.since,
        "stance": what.stance,
        "day": what.key,
        "side": what.key,
        "hash": bytes.fromhex(what.key) if what.kind == "copies" else b"",
        "number": int(what.key) if what.kind in ("letter", "argued") else 0,
        "states": [str(state) for state in State],
        "as_of": source.slot_at,
        "keys": list_keys(numbers, what),
        "group": get_group(numbers, what),
        "after": _after(what, key),
    }
    rows = session.execute(select_list(what), values).mappings().all()
    found = make_page(rows, most, lambda row: [row["cursor"]])
    lines = Page(_lines(session, found.items, what, values), found.next_cursor)
    return SubmissionList(numbers, what, n, find_place(numbers, what), lines)


def iterate_list(session: Session, source: ListSource, name: str) -> Iterator[ListedSubmission]:
    """Return an iterator over all lines of a list, read in batches. Raises NotFound immediately."""
    return _following_lines(session, source, name, get_list(session, source, name, most=AT_ONCE).page)


def _following_lines(
    session: Session, source: ListSource, name: str, found: Page[ListedSubmission]
) -> Iterator[ListedSubmission]:
    yield from found.items
    while found.next_cursor is not None:
        found = get_list(session, source, name, after=found.next_cursor, most=AT_ONCE).page
        yield from found.items


def _after(what: ListSelector, key: Any) -> Any:
    """Return the position after the last page, in the type of the list's order.

    Raises NotFound for a foreign cursor.
    """
    by_name = what.kind == "organisations"
    if key is None:
        return "" if by_name else _LAST
    if isinstance(key, str) if by_name else isinstance(key, int) and 0 <= key < _LAST:
        return key
    raise NotFound(_("This page of the list does not exist. Start from the first page."))


def _lines(
    session: Session, rows: Sequence[Any], what: ListSelector, values: Mapping[str, Any]
) -> list[ListedSubmission]:
    shown_now = [row["id"] for row in rows if row["state"] == State.PUBLISHED]
    if not shown_now:
        return [_line(row, None) for row in rows]
    words = {"at": WORDS_AT, "about": WORDS_ABOUT, "side": WORDS_OF_SIDES, "day": WORDS_OF_COMMENTS}.get(
        what.kind, FIRST_WORDS
    )
    comments = [row["comment"] for row in rows] if what.kind == "day" else []
    said = session.execute(words, {**values, "ids": shown_now, "comments": comments}).all()
    if what.kind == "day":
        by_comment = {one.id: one for one in said}
        return [_line(row, by_comment.get(row["comment"])) for row in rows]
    by_side = {(one.submission_id, getattr(one, "side", None)): one for one in said}
    return [_line(row, by_side.get((row["id"], row.get("side")))) for row in rows]


def _line(row: Any, said: Any) -> ListedSubmission:
    public = row["state"] == State.PUBLISHED
    return ListedSubmission(
        row["reference"],
        State(row["state"]),
        row["at"],
        row["public_name"] if public else None,
        said.body if said else None,
        said.language if said else row["language"],
        said.stance if said else None,
        said.id if said else None,
        row["copies"],
        row.get("place", ""),
    )
