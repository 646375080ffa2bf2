"""Queries on published position papers and the checked requests in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.arguments.claims import statement_proof
from consult.digests.content.material import DigestPlace
from consult.digests.content.rows import PaperRequest, PaperRow, PapersSection, PlaceReference
from consult.files.pages import find_page

MAX_PAPERS = 20
"""The maximum number of papers listed."""
_PAPERS = text(
    """
    WITH papers AS (
        SELECT e.id, e.file_id, s.reference, s.text_hash, s.name_rule, s.public_name
        FROM readable_evidence e JOIN readable_submission s ON s.id = e.submission_id
        JOIN readable_stored_file f ON f.id = e.file_id AND f.state = 'clean'
        WHERE e.consultation_id = :consultation AND e.kind = 'position_paper' AND e.shown AND s.state = 'published'
    ), asked AS (
        SELECT DISTINCT ON (p.id, a.id) p.id, a.id AS argument, a.name, k.place, k.comment_id, k.start, k."end", k.proof
        FROM papers p JOIN readable_claim k ON k.consultation_id = :consultation AND k.text_hash = p.text_hash
        JOIN readable_argument a ON a.id = k.argument_id AND a.checked AND a.merged_into_id IS NULL
        WHERE coalesce(k.part, 'ask') = 'ask' ORDER BY p.id, a.id, k.comment_id, k.start
    ), listed AS (
        SELECT p.*, count(*) OVER () AS all_papers, (SELECT count(*) FROM asked WHERE asked.id = p.id) AS requests
        FROM papers p ORDER BY requests DESC, p.id LIMIT :most
    )
    SELECT p.id, p.reference, CASE WHEN p.name_rule = 'organisation' THEN p.public_name END AS organisation,
        p.all_papers, f.page_starts, f.text, asked.argument, asked.name, asked.place, asked.proof,
        substring(coalesce(c.redacted_body, c.body) FROM asked.start + 1 FOR asked."end" - asked.start) AS words
    FROM listed p JOIN readable_stored_file f ON f.id = p.file_id
    LEFT JOIN asked ON asked.id = p.id LEFT JOIN readable_comment c ON c.id = asked.comment_id
    ORDER BY p.requests DESC, p.id, asked.argument
    """
)
"""Selects papers, each once for each checked request that its submission makes. The one with most requests first."""


def find_papers(session: Session, consultation_id: int, places: Sequence[DigestPlace]) -> PapersSection | None:
    """Return up to `MAX_PAPERS` published position papers with their requests, or None. Uses one query."""
    named = {place.key: PlaceReference(key=place.key, kind=place.kind, number=place.number) for place in places}
    rows = session.execute(_PAPERS, {"consultation": consultation_id, "most": MAX_PAPERS}).all()
    by_paper: dict[int, list[Any]] = {}
    for row in rows:
        by_paper.setdefault(row.id, []).append(row)
    papers = tuple(_read_paper(each, named) for each in by_paper.values())
    return PapersSection(rows=papers, left_out=rows[0].all_papers - len(papers)) if papers else None


def _read_paper(rows: Sequence[Any], places: Mapping[str, PlaceReference]) -> PaperRow:
    """Return a paper from its rows, one for each request. A request whose words changed since is left out."""
    first = rows[0]
    return PaperRow(
        evidence=first.id,
        reference=first.reference,
        organisation=first.organisation or "",
        pages=len(first.page_starts) if first.page_starts else None,
        requests=tuple(
            PaperRequest(
                argument=row.argument,
                name=row.name,
                place=places.get(row.place),
                page=find_page(row.text, row.page_starts, row.words) if row.page_starts else None,
            )
            for row in rows
            if row.words and statement_proof(row.words) == bytes(row.proof)
        ),
    )
