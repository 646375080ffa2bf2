# ruff: noqa: S608 - statements put together from constants of this file
"""Queries for the arguments of a digest. Their own job keeps arguments within a minute of the ledger."""

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
            AND a.letter IS NULL AND a.checked
    )"""
"""The arguments that can be listed: those a person has checked, with the number of new authors."""
_SMALLER_SIDE = "least(max((stance = 'support')::int * voices), max((stance <> 'support')::int * voices))"
"""The authors of the largest argument on the smaller side of a place."""
_RANKED = f"""ranked AS (
        SELECT a.*,
            row_number() OVER (ORDER BY a.new DESC, a.voices DESC, a.id) AS newest,
            row_number() OVER (ORDER BY a.voices DESC, a.id) AS largest,
            row_number() OVER (PARTITION BY a.place, a.stance ORDER BY a.voices DESC, a.id) AS there,
            row_number() OVER (PARTITION BY a.place ORDER BY a.voices DESC, a.name IS NULL, a.id) AS first
        FROM known a
    ), divided AS (
        SELECT place FROM ranked
        WHERE there = 1 AND stance IN ('support', 'drop', 'concern') GROUP BY place HAVING {_SMALLER_SIDE} > 0
        ORDER BY {_SMALLER_SIDE} DESC, place COLLATE "C" LIMIT :divided
    )"""
"""The arguments ranked by new authors, by authors, and by authors on each part of the draft."""
_FOUND = text(
    f"""
    WITH {_KNOWN}, {_RANKED}
    SELECT a.id AS argument, a.place AS spot, a.stance AS side, a.name, a.phrases, a.revision, a.voices, a.new,
        a.statements, q.*
    FROM ranked a CROSS JOIN LATERAL (
        SELECT c.id, s.id AS submission, s.reference, c.stance, coalesce(c.redacted_body, c.body) AS body, c.language,
            s.name_rule, s.public_name, k.place, 1 AS copies, '' AS kind, k.start, k."end", k.proof
        FROM readable_claim k JOIN readable_comment c ON c.id = k.comment_id
        JOIN readable_submission s ON s.id = k.submission_id
        WHERE k.argument_id = a.id AND c.shown AND s.state = 'published'
        ORDER BY abs(k."end" - k.start - 130), k.id LIMIT 3
    ) AS q
    WHERE a.newest <= :most OR a.largest <= :most OR (
        a.there = 1 AND a.stance IN ('support', 'drop', 'concern') AND a.place IN (SELECT place FROM divided)
    ) OR a.first = 1 AND a.place = ANY(:places)
    ORDER BY a.id, abs(q."end" - q.start - 130), q.id
    """
)


@dataclass(frozen=True)
class ArgumentSnapshot:
    """The progress of arguments, the encoders used besides words, and the coverage.

    `covered` counts published submissions by whether their text is in an argument, in a campaign, or in either.
    `totals` are those of the analysis.
    """

    totals: AnalysisTotals
    upto: int
    encoders: Sequence[str]
    covered: Mapping[str, int]


def find_arguments(
    session: Session, consultation_id: int, fresh: str, *, places: Sequence[str] = ()
) -> list[DigestArgument]:
    """Return the arguments with most authors among these submissions and those with most authors, each with a quote.

    Also the largest arguments for and against on divided parts of the draft, and the largest on `places`. `fresh` is a
    PostgreSQL array of submission IDs.
    """
    values = {
        "consultation": consultation_id,
        "ids": fresh,
        "most": _MOST,
        "divided": MAX_DIVIDED_PLACES,
        "places": list(places),
    }
    arguments: dict[int, DigestArgument] = {}
    for row in session.execute(_FOUND, values).all():
        if row.argument not in arguments and statement_proof(row.body[row.start : row.end]) == bytes(row.proof):
            arguments[row.argument] = DigestArgument(
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
    return list(arguments.values())


_CHECKED = text(
    """
    SELECT count(*) FROM readable_argument
    WHERE consultation_id = :consultation AND merged_into_id IS NULL AND statements > 0 AND letter IS NULL AND checked
    """
)


def count_checked(session: Session, consultation_id: int) -> int:
    """Return the number of checked arguments, without demands of letters."""
    return session.scalar(_CHECKED, {"consultation": consultation_id}) or 0


def get_snapshot(session: Session, consultation_id: int) -> ArgumentSnapshot:
    """Return the state of arguments, analysis totals and coverage of a consultation."""
    progress = coverage.get_progress(session, consultation_id)
    if progress.moved:
        coverage.update_coverage(session, consultation_id)
    totals = analysis.get_totals(session, consultation_id)
    argued = {kind: one.argued for kind, one in totals.classes.items()}
    copied = totals.published_in_campaigns
    alone = sum(n for kind, n in argued.items() if kind not in CAMPAIGN_KINDS)
    covered = {"arguments": sum(argued.values()), "campaigns": copied, "either": copied + alone}
    return ArgumentSnapshot(totals, progress.upto, progress.encoders, covered)
