"""Export of search results, read from the database while they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.core.web.addresses import public_url
from consult.search.queries import COMMENT_BODY, INDEX_JOINS, IS_SHOWN, sql_parameters
from consult.search.query_terms import SearchQuery
from consult.submissions.comments import queries as comments_queries
from consult.submissions.labels import place_name, question_name


class SearchExportRow(NamedTuple):
    """A comment or a piece of evidence in the export. For evidence, `comment` is its description.

    Evidence belongs to a whole submission, so it has no place. The columns are documented in docs/exports.md.
    """

    what: str
    reference: str
    consultation: str
    received: str  # to the hour, as everywhere in public
    place: str  # in words, as pages call it
    place_kind: str  # of provision; or "question", "whole"
    place_number: str  # as people say it: "2.10", "1.4(a)"; of a question its number on the page, from 1
    place_id: str  # the same in every version of the draft
    version: int | None  # of the draft, in which the place is
    stance: str
    proposes: str  # "change" or "delete" of its paragraph; "support" of what another comment proposes; else empty
    submitter: str
    kind: str
    group: str
    country: str
    language: str
    words_of_draft: str
    comment: str
    kind_of_evidence: str
    year: int | None
    about: str
    method: str
    source: str
    page: str  # its address


_Location = tuple[str, str, str, str, int | None]

_EXPORT = """
    SELECT CASE WHEN e.id IS NULL THEN 'comment' ELSE 'evidence' END AS what, s.reference, k.slug,
        to_char(s.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\\:00"Z"') AS received, c.id AS comment_id,
        e.id AS evidence_id, p.id AS provision_id, p.version_id, k.version_id AS present, (
            SELECT count(*) FROM readable_question o
            WHERE o.consultation_id = q.consultation_id AND o.position <= q.position
        ) AS asked, coalesce(c.counted_as, ''),
        CASE WHEN c.agrees_with IS NOT NULL THEN 'support' WHEN c.amendment = 0 THEN 'delete'
            WHEN c.amendment > 0 THEN 'change' ELSE '' END,
        coalesce(s.public_name, ''), s.submitter_kind, coalesce(o.kind, ''), coalesce(s.country, ''),
        coalesce(c.language, e.language),
        coalesce(chose.exact, c.anchor ->> 'exact', ''), coalesce({body}, e.description),
        coalesce(e.kind, ''), e.year, coalesce(e.place, ''), coalesce(e.method, ''),
        coalesce(e.reference, '/c/' || k.slug || '/evidence/' || e.id || '/file', '')
    FROM {joined} JOIN readable_submission s ON s.id = i.submission_id
    JOIN readable_consultation k ON k.id = s.consultation_id
    LEFT JOIN readable_organisation o ON o.id = s.organisation_id
    LEFT JOIN readable_provision p ON p.id = c.provision_id LEFT JOIN readable_question q ON q.id = c.question_id
    LEFT JOIN LATERAL (
        SELECT m.anchor ->> 'exact' AS exact FROM readable_placement m WHERE m.comment_id = c.id ORDER BY m.id LIMIT 1
    ) AS chose ON true
    WHERE {matches} AND {shown}
    ORDER BY i.id DESC
"""
_ABOUT = 10
"""Number of leading columns about the kind and place of a row. The others are passed on unchanged."""


def export(session: Session, query: SearchQuery) -> Iterator[SearchExportRow]:
    """Yield the matching rows, last published first."""
    if query.hopeless:
        return
    statement = _EXPORT.format(body=COMMENT_BODY, joined=INDEX_JOINS, shown=IS_SHOWN, matches=query.matches)
    rows = session.execute(text(statement).execution_options(yield_per=500), sql_parameters(query))
    known: dict[tuple[int | None, int, int | None], _Location] = {}
    addresses: dict[str, tuple[str, str]] = {}
    for row in rows:
        key = (row.provision_id, row.asked, row.present)
        if row.comment_id and key not in known:
            known[key] = _location(session, row)
        where: _Location = known[key] if row.comment_id else ("", "", "", "", None)
        comments, shown = addresses.get(row.slug) or addresses.setdefault(row.slug, _addresses(row.slug))
        page = f"{comments}{row.reference}#c{row.comment_id}" if row.comment_id else f"{shown}{row.evidence_id}"
        yield SearchExportRow._make((row.what, row.reference, row.slug, row.received, *where, *row[_ABOUT:], page))


def _addresses(slug: str) -> tuple[str, str]:
    """Return the URL prefixes of a consultation's submissions and evidence. Computed once, because exports are long."""
    comments, shown = (
        public_url("submissions.one", slug=slug, reference="0"),
        public_url("evidence.one", slug=slug, number=0),
    )
    return comments[:-1], shown[:-1]


def _location(session: Session, row: Any) -> _Location:
    """Return the part of the draft of a comment: name, kind, number, permanent id, and version of the draft."""
    if row.asked:
        return question_name(row.asked), "question", str(row.asked), f"question-{row.asked}", None
    if row.provision_id is None:
        return place_name(None), "whole", "", "", None
    there = comments_queries.get_provision_tree(session, row.version_id)
    place = there.by_id[row.provision_id] if row.version_id == row.present else there.former(row.provision_id)
    return place_name(place), str(place.kind), place.label, place.wid, there.number
