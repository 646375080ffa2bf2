"""What was found as it is taken away in a file: read from the database while it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.search.marks import Wish
from consult.search.queries import BODY, JOINED, SHOWN, given


class Record(NamedTuple):
    """A comment, or a piece of evidence: then `comment` is what its author says of it. Empty where it has no such."""

    what: str
    reference: str
    consultation: str
    received: str  # to the hour, as everywhere in public
    place: str
    stance: str
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


_EXPORT = """
    SELECT CASE WHEN e.id IS NULL THEN 'comment' ELSE 'evidence' END, s.reference, k.slug,
        to_char(s.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\\:00"Z"'),
        coalesce(p.number, q.position::text, ''), coalesce(c.stance, ''),
        coalesce(CASE s.name_rule WHEN 'organisation' THEN s.organisation_name WHEN 'own' THEN s.person_name END, ''),
        s.submitter_kind, coalesce(o.kind, ''), coalesce(s.country, ''), coalesce(c.language, e.language),
        coalesce(chose.exact, c.anchor ->> 'exact', ''), coalesce({body}, e.description),
        coalesce(e.kind, ''), e.year, coalesce(e.place, ''), coalesce(e.method, ''),
        coalesce(e.reference, '/c/' || k.slug || '/evidence/' || e.id || '/file', '')
    FROM {joined} JOIN submission s ON s.id = i.submission_id
    JOIN consultation k ON k.id = s.consultation_id LEFT JOIN organisation o ON o.id = s.organisation_id
    LEFT JOIN provision p ON p.id = c.provision_id LEFT JOIN question q ON q.id = c.question_id
    LEFT JOIN LATERAL (
        SELECT m.anchor ->> 'exact' AS exact FROM placement m WHERE m.comment_id = c.id ORDER BY m.id LIMIT 1
    ) AS chose ON true
    WHERE {matches} AND {shown}
    ORDER BY i.id DESC
"""


def export(session: Session, wish: Wish) -> Iterator[Record]:
    """Everything that matches, the last published first."""
    if wish.hopeless:
        return
    statement = _EXPORT.format(body=BODY, joined=JOINED, shown=SHOWN, matches=wish.matches)
    rows = session.execute(text(statement).execution_options(yield_per=500), given(wish))
    yield from map(Record._make, rows)
