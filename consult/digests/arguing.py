"""Reads the arguments that a digest tells, as they stand: their own job keeps them within a minute of the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.arguments import queries
from consult.arguments import service as arguments
from consult.arguments.claims import proof
from consult.digests import copying
from consult.digests.argued import Argued

_MOST = 12
_LEAST = 2
"""Submitters of an argument that is told, unless a person has named it."""
_FOUND = text(
    """
    WITH fresh AS (
        SELECT argument_id, count(DISTINCT submitter) AS new FROM claim
        WHERE submission_id = ANY(:ids) AND argument_id IS NOT NULL GROUP BY argument_id
    ), ranked AS (
        SELECT a.id, coalesce(f.new, 0) AS new,
            row_number() OVER (ORDER BY coalesce(f.new, 0) DESC, a.voices DESC, a.id) AS newest,
            row_number() OVER (ORDER BY a.voices DESC, a.id) AS largest
        FROM argument a LEFT JOIN fresh f ON f.argument_id = a.id
        WHERE a.consultation_id = :consultation AND a.merged_into_id IS NULL AND a.statements > 0
            AND (a.voices >= :least OR a.name IS NOT NULL)
    )
    SELECT a.id AS argument, a.place AS spot, a.stance AS side, a.name, a.phrases, a.revision, a.voices, r.new,
        a.statements, q.*
    FROM ranked r JOIN argument a ON a.id = r.id CROSS JOIN LATERAL (
        SELECT c.id, s.id AS submission, s.reference, c.stance, coalesce(c.redacted_body, c.body) AS body, c.language,
            s.name_rule, s.organisation_name, s.person_name, k.place, 1 AS copies, '' AS kind, k.start, k."end", k.proof
        FROM claim k JOIN comment c ON c.id = k.comment_id JOIN submission s ON s.id = k.submission_id
        WHERE k.argument_id = a.id AND c.shown AND s.state = 'published'
        ORDER BY abs(k."end" - k.start - 130), k.id LIMIT 3
    ) AS q
    WHERE r.newest <= :most OR r.largest <= :most
    ORDER BY a.id, abs(q."end" - q.start - 130), q.id
    """
)
_COVERED = text(
    """
    WITH argued AS (
        SELECT DISTINCT text_hash FROM claim WHERE consultation_id = :consultation AND argument_id IS NOT NULL
    )
    SELECT coalesce(sum(g.published) FILTER (WHERE a.text_hash IS NOT NULL), 0),
        coalesce(sum(g.published) FILTER (WHERE g.kind IN ('exact', 'letter')), 0),
        coalesce(sum(g.published) FILTER (WHERE a.text_hash IS NOT NULL OR g.kind IN ('exact', 'letter')), 0)
    FROM text_group g LEFT JOIN argued a ON a.text_hash = g.text_hash
    WHERE g.consultation_id = :consultation AND g.published > 0
        AND (a.text_hash IS NOT NULL OR g.campaign_id IS NOT NULL)
    """
)


def found(session: Session, consultation_id: int, fresh: Sequence[int]) -> list[Argued]:
    """The arguments most of whose voices are in these submissions, and those with most voices, each with a quote."""
    values = {"consultation": consultation_id, "ids": list(fresh), "most": _MOST, "least": _LEAST}
    told: dict[int, Argued] = {}
    for row in session.execute(_FOUND, values):
        if row.argument not in told and proof(row.body[row.start : row.end]) == bytes(row.proof):
            told[row.argument] = Argued(
                row.argument, row.spot, row.side, row.name or " · ".join(row.phrases), row.name is not None,
                row.revision, row.voices, row.new, row.statements, copying.words(row), row.start, row.end,
            )  # fmt: skip
    return list(told.values())


def upto(session: Session, consultation_id: int) -> int:
    """The ledger number up to which statements are there."""
    return arguments.position(session, consultation_id)


def encoders(session: Session, consultation_id: int) -> Sequence[str]:
    """By what, besides their words, statements were compared."""
    return queries.encoders(session, consultation_id)


def covered(session: Session, consultation_id: int) -> dict[str, int]:
    """Published submissions by whether their text makes an argument, is a letter's, or either."""
    row = session.execute(_COVERED, {"consultation": consultation_id}).one()
    return dict(zip(("arguments", "campaigns", "either"), map(int, row), strict=True))
