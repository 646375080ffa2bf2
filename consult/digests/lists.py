"""The lists behind the numbers of a digest: the same submissions that were counted, however much has happened since.

A list is read from the ledger's entries of the digest's window (or of everything before its end, for the numbers "in
all"), newest first, by keyset. What a submission says is shown only while it is published. Groups of contributors have
a list where their number is shown: those that are too small have one together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode, page
from consult.digests import topics
from consult.digests.list_names import CLASSES, DIMENSIONS, REST, What, nothing, read
from consult.digests.list_queries import FIRST_WORDS, WORDS_ABOUT, WORDS_AT, WORDS_OF, WORDS_OF_SIDES, statement
from consult.submissions.model import NameRule, State

PAGE = 25
AT_ONCE = 1_000
"""How many rows of a file are read at a time."""
_COUNTED = {"individually": "published_individually", "in-campaigns": "published_in_campaigns"}
_COVERED = {"unplaced": "unplaced", "placed": "placed", "told": "either"}
_LAST = 2**62


class Counted(Protocol):
    """What has numbers: a digest, or what was heard. `body` as that of a digest."""

    @property
    def consultation_id(self) -> int: ...

    @property
    def since(self) -> int: ...

    @property
    def until(self) -> int: ...

    @property
    def slot_at(self) -> datetime: ...

    @property
    def body(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Line:
    """A submission in a list. Without words where it is not published now."""

    reference: str
    state: State
    at: datetime | None
    name: str | None
    words: str | None = None
    language: str = "en"
    stance: str | None = None
    comment_id: int | None = None
    copies: int = 1
    place: str = ""  # the key of where it was said, in a list of several places


@dataclass(frozen=True)
class Listing:
    source: Any  # a digest, or what was heard
    what: What
    count: int
    place: Mapping[str, Any] | None
    page: Page[Line]


def listing(session: Session, source: Counted, name: str, *, after: str | None = None, most: int = PAGE) -> Listing:
    """One page of the list behind a number. Raises NotFound for a number that is not there."""
    what = read(name)
    n = count(source.body, what)
    place = next((row for row in source.body.get("places", ()) if row["key"] == what.place), None)
    key = (decode(after, 1) or [None])[0]
    values = {
        "consultation": source.consultation_id, "until": source.until, "most": most + 1, "place": what.place,
        "since": 1 if what.all else source.since, "stance": what.stance, "day": what.key,
        "hash": bytes.fromhex(what.key) if what.kind == "copies" else b"",
        "number": int(what.key) if what.kind in ("letter", "argued") else 0, "states": [str(state) for state in State],
        "as_of": source.slot_at, "keys": _keys(source.body, what), "group": _group(source.body, what),
        "after": _after(what, key),
    }  # fmt: skip
    rows = session.execute(statement(what), values).mappings().all()
    found = page(rows, most, lambda row: [row["cursor"]])
    return Listing(source, what, n, place, Page(_lines(session, found.items, what, values), found.next_cursor))


def everything(session: Session, source: Counted, name: str) -> Iterator[Line]:
    """All lines of a list, read some at a time. Raises NotFound at once for a number that is not there."""
    return _onward(session, source, name, listing(session, source, name, most=AT_ONCE).page)


def _onward(session: Session, source: Counted, name: str, found: Page[Line]) -> Iterator[Line]:
    yield from found.items
    while found.next_cursor is not None:
        found = listing(session, source, name, after=found.next_cursor, most=AT_ONCE).page
        yield from found.items


def count(body: Mapping[str, Any], what: What) -> int:
    """The number that this list is behind. Raises NotFound where there is none."""
    found: int | None = None
    if what.kind in body.get("numbers", {}):
        found = body["numbers"][what.kind]["total" if what.all else "new"]
    elif what.kind in CLASSES:
        found = body.get("books", {}).get("classes", {}).get(CLASSES[what.kind])
    elif what.kind in ("copies", "letter"):
        found = next((row["total"] for row in body.get("copied", ()) if row["key"] == what.key), None)
    elif what.kind == "at":
        found = _at(body, what)
    elif what.kind in _COVERED:
        found = body.get("coverage", {}).get(_COVERED[what.kind])
    elif what.kind in _OF_WHO:
        found = _OF_WHO[what.kind](body, what)
    elif what.all:
        found = body.get("books", {}).get(_COUNTED.get(what.kind, what.kind))
    else:
        found = body.get("news", {}).get(what.kind)
    if found is None:
        raise nothing()
    return found


def _at(body: Mapping[str, Any], what: What) -> int | None:
    row: Mapping[str, Any] = next((row for row in body.get("places", ()) if row["key"] == what.place), {})
    if what.stance == "any":
        return row.get("submissions" if what.all else "new")
    stances: Mapping[str, int] = row.get("stances" if what.all else "stances_new", {})
    return stances.get(what.stance)


def shown(body: Mapping[str, Any], dimension: str) -> dict[str, int]:
    """The groups of which the number is shown: none is under the floor, nor tells one that is by subtraction."""
    found = body.get("who", {}).get(DIMENSIONS[dimension], {})
    return dict(found.get("shown", ()))


def _of(body: Mapping[str, Any], what: What) -> int | None:
    if what.keys == (REST,):
        return body.get("who", {}).get(DIMENSIONS[what.dimension], {}).get("rest") or None
    there = shown(body, what.dimension)
    return sum(there[key] for key in what.keys) if there.keys() >= set(what.keys) else None


def _side(body: Mapping[str, Any], what: What) -> int | None:
    rows = [row for one in body.get("who", {}).get("differ", ()) if one["place"] == what.place for row in one["rows"]]
    return next((row["of"] for row in rows if row["kind"] in what.keys), None)


def _missed(body: Mapping[str, Any], what: What) -> int | None:
    row = _target(body, what)
    return row["n"] if row["dimension"] == "group" and row["n"] else None


def _target(body: Mapping[str, Any], what: What) -> Mapping[str, Any]:
    rows = body.get("heard_less", {}).get("targets", [])
    if int(what.key) >= len(rows):
        raise nothing()
    row: Mapping[str, Any] = rows[int(what.key)]
    return row


def _day(body: Mapping[str, Any], what: What) -> int | None:
    return next((n for day, n in body.get("who", {}).get("days", ()) if day == what.key and n), None)


def _new_voices(body: Mapping[str, Any], what: What) -> int | None:
    return next((one["new"] for one in body.get("arguments", ()) if str(one["id"]) == what.key), None)


def _about(body: Mapping[str, Any], what: What) -> int | None:
    row = topics.named(body, what.key)
    return row["comments" if what.all else "new"] if row else None


_OF_WHO = {"about": _about, "of": _of, "side": _side, "met": _missed, "day": _day, "argued": _new_voices}


def _keys(body: Mapping[str, Any], what: What) -> list[str]:
    if what.kind == "about":
        return list((topics.named(body, what.key) or {"keys": []})["keys"])
    return list(shown(body, what.dimension)) if what.keys == (REST,) else list(what.keys)


def _group(body: Mapping[str, Any], what: What) -> str:
    return str(_target(body, what)["key"]) if what.kind == "met" else ""


def _after(what: What, key: Any) -> Any:
    """Where the last page ended, in the type its order has. Raises NotFound for a cursor of another list."""
    by_name = what.kind == "organisations"
    if key is None:
        return "" if by_name else _LAST
    if isinstance(key, str) if by_name else isinstance(key, int) and 0 <= key < _LAST:
        return key
    raise NotFound(_("This page of the list does not exist. Start from its first page."))


def _lines(session: Session, rows: Sequence[Any], what: What, values: Mapping[str, Any]) -> list[Line]:
    shown_now = [row["id"] for row in rows if row["state"] == State.PUBLISHED]
    if not shown_now:
        return [_line(row, None) for row in rows]
    words = {"at": WORDS_AT, "about": WORDS_ABOUT, "side": WORDS_OF_SIDES, "day": WORDS_OF}.get(what.kind, FIRST_WORDS)
    comments = [row["comment"] for row in rows] if what.kind == "day" else []
    said = session.execute(words, {**values, "ids": shown_now, "comments": comments}).all()
    if what.kind == "day":
        by_comment = {one.id: one for one in said}
        return [_line(row, by_comment.get(row["comment"])) for row in rows]
    by_side = {(one.submission_id, getattr(one, "side", None)): one for one in said}
    return [_line(row, by_side.get((row["id"], row.get("side")))) for row in rows]


def _line(row: Any, said: Any) -> Line:
    public = row["state"] == State.PUBLISHED
    names = {
        NameRule.ORGANISATION: row["organisation_name"],
        NameRule.OWN: row["person_name"],
        NameRule.PSEUDONYM: row["person_name"],
    }
    return Line(
        row["reference"], State(row["state"]), row["at"], names.get(row["name_rule"]) if public else None,
        said.body if said else None, said.language if said else row["language"],
        said.stance if said else None, said.id if said else None, row["copies"],
        row.get("place", ""),
    )  # fmt: skip
