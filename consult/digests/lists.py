# ruff: noqa: S608 - statements put together from constants of this file
"""The lists behind the numbers of a digest: the same submissions that were counted, however much has happened since.

A list is read from the ledger's entries of the digest's window (or of everything before its end, for the numbers "in
all"), newest first, by keyset. What a submission says is shown only while it is published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode, page
from consult.digests.model import Digest
from consult.submissions.model import NameRule, State

PAGE = 25
_STATES: dict[str, tuple[str, ...]] = {
    "pending": ("submission.received", "submission.amended", "submission.returned"),
    **{
        kind: (f"submission.{kind}",)
        for kind in ("published", "returned", "amended", "withheld", "withdrawn", "erased", "received")
    },
    **dict.fromkeys(
        (
            "individually",
            "in-campaigns",
            "at",
            "organisations",
            "unplaced",
            "own",
            "shared",
            "attachment",
            "letter",
        ),
        ("submission.published",),
    ),
}
_ALL_ONLY = {"pending", "individually", "in-campaigns", "unplaced", "own", "shared", "attachment"}
_TEXTS = {"texts", "individual"}
_COUNTED = {"individually": "published_individually", "in-campaigns": "published_in_campaigns"}
_LAST = 2**62

_SPOT = """CASE WHEN c.provision_id IS NOT NULL THEN p.wid WHEN c.question_id IS NOT NULL THEN 'q' || c.question_id
    ELSE '' END = :place AND (:stance = 'any' OR coalesce(c.stance, '') = :stance)"""
_ROW = """s.id, s.reference, s.state, s.name_rule, s.organisation_name, s.person_name, s.language"""
_NOT_SINCE = """NOT EXISTS (SELECT 1 FROM ledger l WHERE l.subject_id = e.subject_id AND l.kind LIKE {kinds}
    AND l.number > e.number AND l.number < :until)"""
_IN_A_CAMPAIGN = """EXISTS (SELECT 1 FROM analysis_counted a JOIN text_group g USING (consultation_id, text_hash)
    WHERE a.submission_id = s.id AND g.campaign_number <= :until)"""
CLASSES = {"own": "individual", "shared": "shared", "attachment": "attachment"}
"""Lists of what is published outside letters, by its class."""
_OF_CLASS = """EXISTS (SELECT 1 FROM analysis_counted a JOIN text_group g USING (consultation_id, text_hash)
    WHERE a.submission_id = s.id AND g.kind = '{kind}')"""
_CONDITIONS = {
    "unplaced": f"""AND NOT {_IN_A_CAMPAIGN} AND NOT EXISTS (SELECT 1 FROM comment c WHERE c.submission_id = s.id
        AND (c.provision_id IS NOT NULL OR c.question_id IS NOT NULL))""",
    **{kind: f"AND NOT {_IN_A_CAMPAIGN} AND {_OF_CLASS.format(kind=of)}" for kind, of in CLASSES.items()},
    "individually": f"AND NOT {_IN_A_CAMPAIGN}",
    "in-campaigns": f"AND {_IN_A_CAMPAIGN}",
    "at": f"""AND EXISTS (SELECT 1 FROM comment c LEFT JOIN provision p ON p.id = c.provision_id
        WHERE c.submission_id = s.id AND {_SPOT})""",
}
_FIRST_WORDS = text(
    """
    SELECT DISTINCT ON (submission_id) submission_id, id, stance,
        coalesce(redacted_body, body) AS body, language FROM comment
    WHERE submission_id = ANY(:ids) AND shown ORDER BY submission_id, position
    """
)
_WORDS_AT = text(
    f"""
    SELECT DISTINCT ON (c.submission_id) c.submission_id, c.id, c.stance,
        coalesce(c.redacted_body, c.body) AS body, c.language
    FROM comment c LEFT JOIN provision p ON p.id = c.provision_id
    WHERE c.submission_id = ANY(:ids) AND c.shown AND {_SPOT} ORDER BY c.submission_id, c.position
    """
)


@dataclass(frozen=True)
class What:
    """Which list: its `name` in an address, its kind, of everything or of the window, where and of which stance."""

    name: str
    kind: str
    all: bool
    place: str = ""
    stance: str = "any"
    key: str = ""


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


@dataclass(frozen=True)
class Listing:
    digest: Digest
    what: What
    count: int
    place: Mapping[str, Any] | None
    page: Page[Line]


def read(name: str) -> What:
    """The list that an address names. Raises NotFound.

    >>> read("all-at:chp_2__para_1:concern")
    What(name='all-at:chp_2__para_1:concern', kind='at', all=True, place='chp_2__para_1', stance='concern', key='')
    """
    whole, bare = name.startswith("all-"), name.removeprefix("all-")
    kind, _colon, rest = bare.partition(":")
    if kind == "at":
        place, _colon, stance = rest.partition(":")
        return What(name, kind, whole, place, {"": "any", "unsaid": ""}.get(stance, stance))
    if kind == "letter" and rest.isascii() and rest.isdigit() and len(rest) < 19 and not whole:
        return What(name, kind, True, key=rest)
    if kind == "copies" and len(rest) == 32 and not whole and all(c in "0123456789abcdef" for c in rest):
        return What(name, kind, True, key=rest)
    if not rest and (kind in _STATES or kind in _TEXTS) and (whole or kind not in _ALL_ONLY):
        return What(name, kind, whole)
    raise NotFound(_("This digest has no such list."))


def listing(session: Session, digest: Digest, name: str, *, after: str | None = None) -> Listing:
    """One page of the list behind a number. Raises NotFound for a number the digest does not have."""
    what = read(name)
    place = next((row for row in digest.body.get("places", ()) if row["key"] == what.place), None)
    values = {
        "consultation": digest.consultation_id, "until": digest.until, "most": PAGE + 1, "place": what.place,
        "since": 1 if what.all else digest.since, "stance": what.stance, "hash": _hash(what),
        "campaign": int(what.key) if what.kind == "letter" else 0,
    }  # fmt: skip
    key = (decode(after, 1) or [None])[0]
    rows = session.execute(_statement(what), {**values, "after": _after(what, key)}).mappings().all()
    found = page(rows, PAGE, lambda row: [row["cursor"]])
    lines = _lines(session, found.items, what, values)
    return Listing(digest, what, count(digest.body, what), place, Page(lines, found.next_cursor))


def _hash(what: What) -> bytes:
    return bytes.fromhex(what.key) if what.kind == "copies" else b""


def count(body: Mapping[str, Any], what: What) -> int:
    """The number in the digest that this list is behind. Raises NotFound where there is none."""
    found: int | None = None
    side = "total" if what.all else "new"
    if what.kind in body.get("numbers", {}):
        found = body["numbers"][what.kind][side]
    elif what.kind in CLASSES:
        found = body.get("books", {}).get("classes", {}).get(CLASSES[what.kind])
    elif what.kind in ("copies", "letter"):
        found = next((row["total"] for row in body.get("copied", ()) if row["key"] == what.key), None)
    elif what.kind == "at":
        row: Mapping[str, Any] = next((row for row in body.get("places", ()) if row["key"] == what.place), {})
        if what.stance == "any":
            found = row.get("submissions" if what.all else "new")
        else:
            found = row.get("stances" if what.all else "stances_new", {}).get(what.stance)
    elif what.kind == "unplaced":
        found = body.get("coverage", {}).get("unplaced")
    elif what.all:
        found = body.get("books", {}).get(_COUNTED.get(what.kind, what.kind))
    else:
        found = body.get("news", {}).get(what.kind)
    if found is None:
        raise NotFound(_("This digest has no such list."))
    return found


def _after(what: What, key: Any) -> Any:
    """Where the last page ended, in the type its order has. Raises NotFound for a cursor of another list."""
    by_name = what.kind == "organisations"
    if key is None:
        return "" if by_name else _LAST
    if isinstance(key, str) if by_name else isinstance(key, int) and 0 <= key < _LAST:
        return key
    raise NotFound(_("This page of the list does not exist. Start from its first page."))


def _statement(what: What) -> TextClause:
    if what.kind in ("copies", "letter"):
        return _COPIES if what.kind == "copies" else _LETTER
    if what.kind in _TEXTS:
        individual = "AND coalesce(g.campaign_number > :until, true)" if what.kind == "individual" else ""
        return text(_GROUPS.format(row=_ROW, individual=individual))
    if what.kind == "organisations":
        return _ORGANISATIONS
    kinds = ", ".join(f"'{kind}'" for kind in _STATES[what.kind])
    return text(
        f"""
        SELECT e.number AS cursor, e.at, 1 AS copies, {_ROW} FROM ledger e JOIN submission s ON s.id = e.subject_id
        WHERE e.consultation_id = :consultation AND e.number >= :since AND e.number < least(:until, :after)
            AND e.kind IN ({kinds}) AND {_NOT_SINCE.format(kinds=_ends_it(what))} {_CONDITIONS.get(what.kind, "")}
        ORDER BY e.number DESC LIMIT :most
        """
    )


def _ends_it(what: What) -> str:
    """Which later entries take a submission off the list: for what happened in a window only the same again."""
    if what.kind == "received":
        return "'submission.received'"
    stands = what.all or what.kind in ("published", "at")
    return "'submission.%'" if stands else f"'submission.{what.kind}'"


_GROUPS = """
    SELECT g.first_number AS cursor, NULL::timestamptz AS at, g.received AS copies, {row}
    FROM text_group g CROSS JOIN LATERAL (
        SELECT submission_id FROM analysis_counted a
        WHERE a.consultation_id = g.consultation_id AND a.text_hash = g.text_hash
        ORDER BY (a.state = 'published') DESC, a.submission_id LIMIT 1
    ) AS first JOIN submission s ON s.id = first.submission_id
    WHERE g.consultation_id = :consultation AND g.first_number >= :since AND g.first_number < least(:until, :after)
        AND g.received > 0 {individual}
    ORDER BY g.first_number DESC LIMIT :most
"""
_ORGANISATIONS = text(
    f"""
    SELECT a.organisation AS cursor, max(e.at) AS at, count(*) AS copies, max(s.id) AS id,
        max(s.reference) AS reference, 'published' AS state, 'organisation' AS name_rule,
        min(s.organisation_name) AS organisation_name, NULL AS person_name, min(s.language) AS language
    FROM analysis_counted a JOIN submission s ON s.id = a.submission_id JOIN ledger e ON e.subject_id = s.id
        AND e.kind = 'submission.published' AND e.number >= :since AND e.number < :until
    WHERE a.consultation_id = :consultation AND a.organisation > :after
        AND {_NOT_SINCE.format(kinds="'submission.%'")}
    GROUP BY a.organisation ORDER BY a.organisation LIMIT :most
    """
)
_COPIES = text(
    f"""
    SELECT s.id AS cursor, e.at, 1 AS copies, {_ROW} FROM analysis_counted a JOIN submission s ON s.id = a.submission_id
    JOIN ledger e ON e.subject_id = s.id AND e.kind = 'submission.received' AND e.number < :until
    WHERE a.consultation_id = :consultation AND a.text_hash = :hash AND a.submission_id < :after
    ORDER BY a.submission_id DESC LIMIT :most
    """
)

_LETTER = text(
    f"""
    SELECT s.id AS cursor, e.at, 1 AS copies, {_ROW} FROM text_group g
    JOIN analysis_counted a ON a.consultation_id = g.consultation_id AND a.text_hash = g.text_hash
    JOIN submission s ON s.id = a.submission_id
    JOIN ledger e ON e.subject_id = s.id AND e.kind = 'submission.received' AND e.number < :until
    WHERE g.consultation_id = :consultation AND g.campaign_id = :campaign AND g.campaign_number <= :until
        AND a.submission_id < :after AND NOT EXISTS (
            SELECT 1 FROM ledger l WHERE l.subject_id = s.id AND l.number < :until
                AND l.kind IN ('submission.withdrawn', 'submission.erased')
        )
    ORDER BY a.submission_id DESC LIMIT :most
    """
)


def _lines(session: Session, rows: Sequence[Any], what: What, values: Mapping[str, Any]) -> list[Line]:
    shown = [row["id"] for row in rows if row["state"] == State.PUBLISHED]
    statement = _WORDS_AT if what.kind == "at" else _FIRST_WORDS
    said = {row.submission_id: row for row in session.execute(statement, {**values, "ids": shown})} if shown else {}
    return [_line(row, said.get(row["id"])) for row in rows]


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
    )  # fmt: skip
