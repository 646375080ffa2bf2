"""Search in submissions: finds ids by the index in two steps, then reads the rows of the page.

Step one reads matches from the index up to a limit and sorts them. If there are more, the word is common, and step two
scans the newest rows until a page is full. Either way the cost does not grow with the number of submissions. Source:
docs/decisions/0004-measuring.md, and the traps measured there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, select, text
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.paging import Page, decode_id_cursor, encode_cursor
from consult.core.scripts.confusables import LOOK_ALIKES_SQL, SKELETON_SQL, get_skeleton
from consult.core.text import DROP_SILENT_SQL, SILENT_SQL
from consult.documents.model import Provision
from consult.search.query_terms import CONFIGURATION_SQL, SearchQuery
from consult.search.snippets import HEADLINE_OPTIONS, add_ellipses, parse_snippet, restore_spelling
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments.published import PublishedComment
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.evidence.queries import PublicEvidence

PAGE = 10
MANY = 4000
"""Above this number, matches are neither counted nor sorted, but scanned."""

_FEW = """
    WITH matched AS MATERIALIZED (
        SELECT i.id, i.evidence_id, i.paper, i.submission_id FROM search_indexed i WHERE {matches} LIMIT :many + 1
    ), hits AS MATERIALIZED (
        SELECT id, evidence_id FROM matched WHERE NOT paper
        UNION ALL (
            SELECT DISTINCT ON (submission_id) id, evidence_id FROM matched WHERE paper
            ORDER BY submission_id, evidence_id IS NOT NULL, id
        )
    )
    SELECT (SELECT count(*) FROM matched), (SELECT count(*) FROM hits), (SELECT count(evidence_id) FROM hits),
        ARRAY(SELECT id FROM hits WHERE id < :before ORDER BY id DESC LIMIT :page + 1)
"""
"""Of a position paper and the matching parts of its text, one is a hit: the first part, else the file."""
_WALK = """
    SELECT i.id FROM search_indexed i WHERE i.id < :before AND ({matches}) IS TRUE AND NOT (i.paper AND EXISTS (
        SELECT 1 FROM search_indexed p WHERE p.submission_id = i.submission_id AND p.paper AND ({earlier}) IS TRUE
            AND (p.evidence_id IS NOT NULL, p.id) < (i.evidence_id IS NOT NULL, i.id)
    ))
    ORDER BY i.id DESC LIMIT :page + 1
"""
_BY_INDEX = text("SET LOCAL enable_seqscan = off")
"""After a burst of submissions the planner's statistics lack rare words."""
INDEX_JOINS = """search_indexed i LEFT JOIN readable_comment c ON c.id = i.comment_id
    LEFT JOIN readable_evidence e ON e.id = i.evidence_id LEFT JOIN readable_stored_file f ON f.id = e.file_id"""
COMMENT_BODY = "coalesce(c.redacted_body, c.body)"
IS_SHOWN = f"""(c.shown AND i.made_from = sha256(convert_to({COMMENT_BODY}, 'UTF8'))
    OR e.shown AND (e.file_id IS NULL OR f.state = 'clean'))"""
_ROWS = """
    SELECT i.id, i.comment_id, i.evidence_id, coalesce(c.consultation_id, e.consultation_id), {words}, {spelled}
    FROM {joined} CROSS JOIN LATERAL (SELECT {compared} AS compared OFFSET 0) AS t
    WHERE i.id = ANY(:ids) AND {shown}
    ORDER BY i.id DESC
"""
_HEADLINE = """ts_headline({configuration}, left({body}, CASE
    WHEN length({body}) > 3000
        AND to_tsvector({configuration}, left({body}, 3000)) @@ websearch_to_tsquery({configuration}, :words)
    THEN 3000 ELSE 20000 END), websearch_to_tsquery({configuration}, :words), :options)"""
"""Highlighting is the most expensive part of a search, so a long text with a match near its beginning is highlighted
only there. Matches far down in a very long text are not highlighted, and its beginning is shown.
"""
_BEGINNING = 400
"""Characters shown of a text if no word was searched."""
_TEXT = f"coalesce({COMMENT_BODY}, f.text, '')"
"""The shown text. For evidence it is that of the file, because the author's description is shown anyway."""
_COMPARED = DROP_SILENT_SQL.format(text=SKELETON_SQL).format(text=_TEXT)
_SPELLED = f"CASE WHEN left({_TEXT}, 20000) ~ '{SILENT_SQL}|{LOOK_ALIKES_SQL}' THEN left({_TEXT}, 20000) ELSE '' END"
"""The original spelling, if it differs from the form that is compared and highlighted."""
_LANGUAGE = "coalesce(c.language, e.language)"
_LAST = 2**63 - 1


@dataclass(frozen=True)
class SearchHit:
    """A comment or piece of evidence, with the words around the match: pairs of a text and whether it matched."""

    voice: PublishedComment | None
    exhibit: PublicEvidence | None
    consultation_id: int
    words: Sequence[tuple[str, bool]]

    @property
    def matched(self) -> bool:
        """Return whether any shown word is a match."""
        return any(matched for _words, matched in self.words)


@dataclass(frozen=True)
class SearchResults:
    """A page of results. `count` is None if there are too many to count at once.

    `evidence` is the number of pieces of evidence among them.
    """

    page: Page[SearchHit]
    count: int | None
    evidence: int | None = None


def find_matches(session: Session, query: SearchQuery, *, after: str | None = None) -> SearchResults:
    """Find matches, last published first."""
    if query.hopeless:
        return SearchResults(Page([]), 0, 0)
    (count, evidence), ids = _find_ids(session, query, decode_id_cursor(after) or _LAST)
    hits = _load_hits(session, query, ids[:PAGE])
    more = encode_cursor([ids[PAGE - 1]]) if len(ids) > PAGE else None
    return SearchResults(Page(hits, more), count, evidence)


def count_matches(session: Session, query: SearchQuery) -> tuple[int | None, int | None]:
    """Count matching comments and evidence, and evidence alone. Both are None if there are too many."""
    if query.hopeless or query.matches == "true":
        return (0, 0) if query.hopeless else (None, None)
    values = {**sql_parameters(query), "before": _LAST, "page": 0, "many": MANY}
    session.execute(_BY_INDEX)
    read, count, evidence, _ids = session.execute(_cached_text(_FEW.format(matches=query.matches)), values).one()
    return (int(count), int(evidence)) if read <= MANY else (None, None)


def _find_ids(session: Session, query: SearchQuery, before: int) -> tuple[tuple[int | None, int | None], list[int]]:
    values = {**sql_parameters(query), "before": before, "page": PAGE, "many": MANY}
    if query.matches != "true":
        session.execute(_BY_INDEX)
        read, count, evidence, ids = session.execute(_cached_text(_FEW.format(matches=query.matches)), values).one()
        if read <= MANY:
            return (int(count), int(evidence)), list(ids)
    walk = _WALK.format(matches=query.matches, earlier=query.matches_of("p"))
    return (None, None), list(session.scalars(_cached_text(walk), values))


@lru_cache(maxsize=64)
def _cached_text(statement: str) -> TextClause:
    """Return a parsed statement. Cached, because there are few kinds of searches."""
    return text(statement)


def sql_parameters(query: SearchQuery) -> dict[str, Any]:
    """Return the values of the SQL parameters."""
    return {"words": get_skeleton(query.words), "marks": query.marks, "topics": list(query.topics)}


def _load_hits(session: Session, query: SearchQuery, ids: Sequence[int]) -> list[SearchHit]:
    if not ids:
        return []
    headline = _HEADLINE.format(configuration=CONFIGURATION_SQL.format(language=_LANGUAGE), body="t.compared")
    beginning = f"left({COMMENT_BODY}, {_BEGINNING})"
    shown = {"words": headline, "spelled": _SPELLED} if query.words.strip() else {"words": beginning, "spelled": "''"}
    statement = _ROWS.format(**shown, compared=_COMPARED, joined=INDEX_JOINS, shown=IS_SHOWN)
    rows = session.execute(
        _cached_text(statement), {**sql_parameters(query), "ids": list(ids), "options": HEADLINE_OPTIONS}
    ).all()
    comment_ids = [row.comment_id for row in rows if row.comment_id]
    voices = comments_queries.get_published_comments(session, comment_ids) if comment_ids else {}
    pieces = evidence_queries.get_public_evidence(session, [row.evidence_id for row in rows if row.evidence_id])
    return [
        SearchHit(voice, pieces.get(row.evidence_id), row[3], add_ellipses(words, voice.body) if voice else words)
        for row in rows
        if row.comment_id in voices or row.evidence_id in pieces
        for voice, words in [(voices.get(row.comment_id), _snippet(row[4], row[5]))]
    ]


def _snippet(marked: str | None, written: str) -> list[tuple[str, bool]]:
    parts = parse_snippet(marked or "")
    return restore_spelling(parts, written) if written else parts


def get_wid(session: Session, provision_id: int) -> str:
    """Return the permanent id of a provision, which is the same in every version, or ""."""
    return session.scalar(select(Provision.wid).where(Provision.id == provision_id)) or ""


def get_consultations(session: Session, ids: Collection[int]) -> dict[int, Consultation]:
    """Return consultations by id."""
    return {row.id: row for row in session.scalars(select(Consultation).where(Consultation.id.in_(ids)))}
