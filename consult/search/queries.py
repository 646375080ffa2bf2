"""Finding: ids by the index in two steps, then the page's few rows.

Step one takes matches from the index up to a limit, and sorts them. Where there are more, the word is common: then the
newest are looked through until a page is full. Either way the cost does not grow with what was filed.
Source: docs/decisions/0004-measuring.md, and the traps measured there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.paging import Page, decode_id, encode
from consult.documents.model import Provision
from consult.search.marks import CONFIGURATION, Wish
from consult.search.snippets import OPTIONS, snippet
from consult.submissions import lists
from consult.submissions.lists import Voice

PAGE = 20
MANY = 4000
"""More matches than this are not counted, and not sorted but walked."""

_FEW = """
    WITH matched AS MATERIALIZED (SELECT id FROM search_indexed WHERE words @@ {query} LIMIT :many + 1)
    SELECT (SELECT count(*) FROM matched),
        ARRAY(SELECT id FROM matched WHERE id < :before ORDER BY id DESC LIMIT :page + 1)
"""
_WALK = """
    SELECT id FROM search_indexed WHERE id < :before AND (words @@ {query}) IS TRUE
    ORDER BY id DESC LIMIT :page + 1
"""
_ALL = "SELECT id FROM search_indexed WHERE id < :before ORDER BY id DESC LIMIT :page + 1"
_ROWS = """
    SELECT i.id, i.comment_id, c.consultation_id, {words}
    FROM search_indexed i JOIN comment c ON c.id = i.comment_id
    WHERE i.id = ANY(:ids) AND c.shown AND i.made_from = sha256(convert_to({body}, 'UTF8'))
    ORDER BY i.id DESC
"""
_HEADLINE = "ts_headline({configuration}, left({body}, 20000), websearch_to_tsquery({configuration}, :words), :options)"
"""Matches far down in a very long text are not looked for: the page shows its beginning."""
_BEGINNING = 400
"""How many characters are shown of a text in which no word was looked for."""
_BODY = "coalesce(c.redacted_body, c.body)"
_LAST = 2**63 - 1


@dataclass(frozen=True)
class Found:
    """A comment that was found, with the words around the match: pairs of a text and whether it matched."""

    voice: Voice
    consultation_id: int
    words: Sequence[tuple[str, bool]]


@dataclass(frozen=True)
class Results:
    """A page of what was found; `count` is None where there are more than can be counted at once."""

    page: Page[Found]
    count: int | None


def find(session: Session, wish: Wish, *, after: str | None = None) -> Results:
    """What matches, the last published first."""
    if wish.hopeless:
        return Results(Page([]), 0)
    count, ids = _ids(session, wish, decode_id(after) or _LAST)
    found = _found(session, wish, ids[:PAGE])
    more = encode([ids[PAGE - 1]]) if len(ids) > PAGE else None
    return Results(Page(found, more), count)


def _ids(session: Session, wish: Wish, before: int) -> tuple[int | None, list[int]]:
    given = {**_given(wish), "before": before, "page": PAGE, "many": MANY}
    if not wish.query:
        return None, list(session.scalars(text(_ALL), given))
    session.execute(
        text("SET LOCAL enable_seqscan = off")
    )  # after a burst of filing the planner does not know a rare word
    count, ids = session.execute(text(_FEW.format(query=wish.query)), given).one()
    if count <= MANY:
        return int(count), list(ids)
    return None, list(session.scalars(text(_WALK.format(query=wish.query)), given))


def _given(wish: Wish) -> dict[str, Any]:
    return {"words": wish.words, "marks": wish.marks}


def _found(session: Session, wish: Wish, ids: Sequence[int]) -> list[Found]:
    if not ids:
        return []
    words = _HEADLINE.format(configuration=CONFIGURATION.format(language="c.language"), body=_BODY)
    statement = _ROWS.format(body=_BODY, words=words if wish.words.strip() else f"left({_BODY}, {_BEGINNING})")
    rows = session.execute(text(statement), {**_given(wish), "ids": list(ids), "options": OPTIONS}).all()
    voices = lists.voices(session, [row.comment_id for row in rows])
    return [
        Found(voices[row.comment_id], row.consultation_id, snippet(row[3])) for row in rows if row.comment_id in voices
    ]


def wid_of(session: Session, provision_id: int) -> str:
    """The permanent id of a provision, by which it is known in every version."""
    return session.scalar(select(Provision.wid).where(Provision.id == provision_id)) or ""


def consultations(session: Session, ids: Collection[int]) -> dict[int, Consultation]:
    """Those that results belong to."""
    return {row.id: row for row in session.scalars(select(Consultation).where(Consultation.id.in_(ids)))}


@dataclass(frozen=True)
class Record:
    """A comment as it is taken away in a file."""

    reference: str
    consultation: str
    received: datetime
    place: str
    stance: str
    submitter: str
    kind: str
    group: str
    country: str
    language: str
    words_of_draft: str
    comment: str


_EXPORT = """
    SELECT s.reference, k.slug, s.received_at, coalesce(p.number, q.position::text, ''), coalesce(c.stance, ''),
        coalesce(CASE s.name_rule WHEN 'organisation' THEN s.organisation_name WHEN 'own' THEN s.person_name END, ''),
        s.submitter_kind, coalesce(o.kind, ''), coalesce(s.country, ''), c.language, coalesce(c.anchor ->> 'exact', ''),
        {body}
    FROM search_indexed i JOIN comment c ON c.id = i.comment_id JOIN submission s ON s.id = c.submission_id
    JOIN consultation k ON k.id = c.consultation_id LEFT JOIN organisation o ON o.id = s.organisation_id
    LEFT JOIN provision p ON p.id = c.provision_id LEFT JOIN question q ON q.id = c.question_id
    WHERE {matches} AND c.shown AND i.made_from = sha256(convert_to({body}, 'UTF8'))
    ORDER BY i.id DESC
"""


def export(session: Session, wish: Wish) -> Iterator[Record]:
    """Everything that matches, the last published first, read from the database while it is taken away."""
    if wish.hopeless:
        return
    statement = _EXPORT.format(body=_BODY, matches=f"i.words @@ {wish.query}" if wish.query else "true")
    rows = session.execute(text(statement).execution_options(yield_per=500), _given(wish))
    for row in rows:
        yield Record(*row)
