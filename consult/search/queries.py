"""Finding: ids by the index in two steps, then the page's few rows.

Step one takes matches from the index up to a limit, and sorts them. Where there are more, the word is common: then the
newest are looked through until a page is full. Either way the cost does not grow with what was filed.
Source: docs/decisions/0004-measuring.md, and the traps measured there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, select, text
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.paging import Page, decode_id, encode
from consult.documents.model import Provision
from consult.search.marks import CONFIGURATION, Wish
from consult.search.snippets import OPTIONS, cut, snippet
from consult.submissions import exhibits, lists
from consult.submissions.exhibits import Listed
from consult.submissions.lists import Voice

PAGE = 20
MANY = 4000
"""More matches than this are not counted, and not sorted but walked."""

_FEW = """
    WITH matched AS MATERIALIZED (SELECT i.id FROM search_indexed i WHERE {matches} LIMIT :many + 1)
    SELECT (SELECT count(*) FROM matched),
        ARRAY(SELECT id FROM matched WHERE id < :before ORDER BY id DESC LIMIT :page + 1)
"""
_WALK = """
    SELECT i.id FROM search_indexed i WHERE i.id < :before AND ({matches}) IS TRUE
    ORDER BY i.id DESC LIMIT :page + 1
"""
_ALL = text("SELECT id FROM search_indexed WHERE id < :before ORDER BY id DESC LIMIT :page + 1")
_BY_INDEX = text("SET LOCAL enable_seqscan = off")
"""After a burst of filing the planner does not know a rare word."""
JOINED = """search_indexed i LEFT JOIN comment c ON c.id = i.comment_id
    LEFT JOIN evidence e ON e.id = i.evidence_id LEFT JOIN stored_file f ON f.id = e.file_id"""
BODY = "coalesce(c.redacted_body, c.body)"
SHOWN = f"""(c.shown AND i.made_from = sha256(convert_to({BODY}, 'UTF8'))
    OR e.shown AND (e.file_id IS NULL OR f.state = 'clean'))"""
_ROWS = """
    SELECT i.id, i.comment_id, i.evidence_id, coalesce(c.consultation_id, e.consultation_id), {words}
    FROM {joined} WHERE i.id = ANY(:ids) AND {shown}
    ORDER BY i.id DESC
"""
_HEADLINE = """ts_headline({configuration}, left({body}, CASE
    WHEN length({body}) > 3000
        AND to_tsvector({configuration}, left({body}, 3000)) @@ websearch_to_tsquery({configuration}, :words)
    THEN 3000 ELSE 20000 END), websearch_to_tsquery({configuration}, :words), :options)"""
"""Marking is what a search costs most, so a long text that matches near its beginning is marked there only; matches far
down in a very long one are not looked for: the page shows its beginning."""
_BEGINNING = 400
"""How many characters are shown of a text in which no word was looked for."""
_TEXT = f"coalesce({BODY}, f.text, '')"
"""What is shown of a match: of evidence the words in its file, as what is said of it is shown in any case."""
_LANGUAGE = "coalesce(c.language, e.language)"
_LAST = 2**63 - 1


@dataclass(frozen=True)
class Found:
    """A comment or a piece of evidence, with the words around the match: pairs of a text and whether it matched."""

    voice: Voice | None
    exhibit: Listed | None
    consultation_id: int
    words: Sequence[tuple[str, bool]]

    @property
    def matched(self) -> bool:
        """Whether any of the words shown is one that was looked for."""
        return any(matched for _words, matched in self.words)


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
    values = {**given(wish), "before": before, "page": PAGE, "many": MANY}
    if wish.matches == "true":
        return None, list(session.scalars(_ALL, values))
    session.execute(_BY_INDEX)
    count, ids = session.execute(_made(_FEW.format(matches=wish.matches)), values).one()
    if count <= MANY:
        return int(count), list(ids)
    return None, list(session.scalars(_made(_WALK.format(matches=wish.matches)), values))


@lru_cache(maxsize=64)
def _made(statement: str) -> TextClause:
    """Looked through for its parameters once: there are few kinds of search."""
    return text(statement)


def given(wish: Wish) -> dict[str, Any]:
    """The values of the parameters of its SQL."""
    return {"words": wish.words, "marks": wish.marks, "topics": list(wish.topics)}


def _found(session: Session, wish: Wish, ids: Sequence[int]) -> list[Found]:
    if not ids:
        return []
    headline = _HEADLINE.format(configuration=CONFIGURATION.format(language=_LANGUAGE), body=_TEXT)
    beginning = f"left({BODY}, {_BEGINNING})"
    statement = _ROWS.format(words=headline if wish.words.strip() else beginning, joined=JOINED, shown=SHOWN)
    rows = session.execute(_made(statement), {**given(wish), "ids": list(ids), "options": OPTIONS}).all()
    said = [row.comment_id for row in rows if row.comment_id]
    voices = lists.voices(session, said) if said else {}
    pieces = exhibits.listed(session, [row.evidence_id for row in rows if row.evidence_id])
    return [
        Found(voice, pieces.get(row.evidence_id), row[3], cut(words, voice.body) if voice else words)
        for row in rows
        if row.comment_id in voices or row.evidence_id in pieces
        for voice, words in [(voices.get(row.comment_id), snippet(row[4] or ""))]
    ]


def wid_of(session: Session, provision_id: int) -> str:
    """The permanent id of a provision, by which it is known in every version."""
    return session.scalar(select(Provision.wid).where(Provision.id == provision_id)) or ""


def consultations(session: Session, ids: Collection[int]) -> dict[int, Consultation]:
    """Those that results belong to."""
    return {row.id: row for row in session.scalars(select(Consultation).where(Consultation.id.in_(ids)))}
