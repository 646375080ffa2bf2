# ruff: noqa: S608 - statements put together from constants of this file
"""Reads the arguments that a digest tells, as they stand: their own job keeps them within a minute of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis import queries as analysis
from consult.analysis.queries import CAMPAIGN_KINDS, AnalysisTotals
from consult.arguments import coverage
from consult.arguments.claims import statement_proof
from consult.digests.content import campaign_queries
from consult.digests.content.arguments import MAX_DIVIDED_PLACES, DigestArgument

_MOST = 12
_LEAST = 2
"""Submitters of an argument that is told, unless a person has named it."""
_KNOWN = """fresh AS MATERIALIZED (
        SELECT jsonb_object_agg(argument_id, new) AS new FROM (
            SELECT argument_id, count(DISTINCT submitter) AS new
            FROM unnest(CAST(:ids AS bigint[])) AS fresh (id) CROSS JOIN LATERAL (
                SELECT argument_id, submitter FROM readable_claim
                WHERE submission_id = fresh.id AND argument_id IS NOT NULL AND campaign_id IS NULL OFFSET 0
            ) AS said GROUP BY argument_id
        ) AS one
    ), known AS MATERIALIZED (
        SELECT a.id, a.place, a.stance, a.name, a.phrases, a.revision, a.voices, a.statements,
            coalesce((fresh.new -> CAST(a.id AS text))::int, 0) AS new
        FROM readable_argument a, fresh
        WHERE a.consultation_id = :consultation AND a.merged_into_id IS NULL AND a.statements > 0
            AND a.letter IS NULL AND (a.voices >= :least OR a.name IS NOT NULL)
    )"""
"""The arguments that may be told, with how many voices of each are new."""
_RANKED = """ranked AS (
        SELECT a.*,
            row_number() OVER (ORDER BY a.new DESC, a.voices DESC, a.id) AS newest,
            row_number() OVER (ORDER BY a.voices DESC, a.id) AS largest,
            row_number() OVER (PARTITION BY a.place, a.stance ORDER BY a.voices DESC, a.id) AS there,
            row_number() OVER (PARTITION BY a.place ORDER BY a.voices DESC, a.name IS NULL, a.id) AS first
        FROM known a
    ), divided AS (
        SELECT place FROM ranked
        WHERE there = 1 AND stance IN ('support', 'concern') GROUP BY place HAVING count(*) = 2
        ORDER BY min(voices) DESC, place COLLATE "C" LIMIT :divided
    )"""
"""Reads the arguments for a digest. Their own job keeps them within a minute of the ledger."""
_FOUND = text(
    f"""
    WITH {_KNOWN}, {_RANKED}
    SELECT a.id AS argument, a.place AS spot, a.stance AS side, a.name, a.phrases, a.revision, a.voices, a.new,
        a.statements, q.*
    FROM ranked a CROSS JOIN LATERAL (
        SELECT c.id, s.id AS submission, s.reference, c.stance, coalesce(c.redacted_body, c.body) AS body, c.language,
            s.name_rule, s.organisation_name, s.person_name, k.place, 1 AS copies, '' AS kind, k.start, k."end", k.proof
        FROM readable_claim k JOIN readable_comment c ON c.id = k.comment_id
        JOIN readable_submission s ON s.id = k.submission_id
        WHERE k.argument_id = a.id AND c.shown AND s.state = 'published'
        ORDER BY abs(k."end" - k.start - 130), k.id LIMIT 3
    ) AS q
    WHERE a.newest <= :most OR a.largest <= :most OR (
        a.there = 1 AND a.stance IN ('support', 'concern') AND a.place IN (SELECT place FROM divided)
    ) OR a.first = 1 AND a.place = ANY(:places)
    ORDER BY a.id, abs(q."end" - q.start - 130), q.id
    """
)


@dataclass(frozen=True)
class ArgumentSnapshot:
    """How far statements are there, by what besides their words they were compared, and how much they are of.

    `covered` counts published submissions by whether their text makes an argument, is a letter's, or either; they are
    of the `totals` of the analysis.
    """

    totals: AnalysisTotals
    upto: int
    encoders: Sequence[str]
    covered: Mapping[str, int]


def find_arguments(
    session: Session, consultation_id: int, fresh: str, *, places: Sequence[str] = ()
) -> list[DigestArgument]:
    """The arguments most of whose voices are in these submissions, and those with most voices, each with a quote.

    With them those that most make for and against the places where views divide, and those that most make at `places`.
    `fresh` has the ids of the submissions, in the form of PostgreSQL's arrays.
    """
    values = {
        "consultation": consultation_id,
        "ids": fresh,
        "most": _MOST,
        "least": _LEAST,
        "divided": MAX_DIVIDED_PLACES,
        "places": list(places),
    }
    told: dict[int, DigestArgument] = {}
    for row in session.execute(_FOUND, values).all():
        if row.argument not in told and statement_proof(row.body[row.start : row.end]) == bytes(row.proof):
            told[row.argument] = DigestArgument(
                row.argument,
                row.spot,
                row.side,
                row.name or " · ".join(row.phrases),
                row.name is not None,
                row.revision,
                row.voices,
                row.new,
                row.statements,
                campaign_queries.to_quotable_comment(row),
                row.start,
                row.end,
            )
    return list(told.values())


def get_snapshot(session: Session, consultation_id: int) -> ArgumentSnapshot:
    """The arguments of a consultation beside the totals of its analysis, with what they cover by now."""
    progress = coverage.get_progress(session, consultation_id)
    if progress.moved:
        coverage.update_coverage(session, consultation_id)
    totals = analysis.get_totals(session, consultation_id)
    argued = {kind: one.argued for kind, one in totals.classes.items()}
    copied = totals.published_in_campaigns
    alone = sum(n for kind, n in argued.items() if kind not in CAMPAIGN_KINDS)
    covered = {"arguments": sum(argued.values()), "campaigns": copied, "either": copied + alone}
    return ArgumentSnapshot(totals, progress.upto, progress.encoders, covered)
