"""Queries for the arguments of a digest. Their own job keeps arguments within a minute of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.analysis import queries as analysis
from consult.analysis.queries import CAMPAIGN_KINDS, AnalysisTotals
from consult.arguments import coverage
from consult.arguments.claims import statement_proof
from consult.core.database.sql_files import read_sql
from consult.digests.content import campaign_queries
from consult.digests.content.arguments import MAX_DIVIDED_PLACES, MAX_REASONS, ArgumentReason, DigestArgument
from consult.positions import requests
from consult.positions.model import Side

_MOST = 12
_SMALLER_SIDE = "least(max((stance = 'support')::int * submissions), max((stance <> 'support')::int * submissions))"
"""The submissions of the largest argument on the smaller side of a place."""
_FOUND = text(
    read_sql(
        __file__,
        "find_arguments",
        smaller_side=_SMALLER_SIDE,
        spoken="""c.id, s.id AS submission, s.reference, c.stance, coalesce(c.redacted_body, c.body) AS body,
            c.language, s.name_rule, s.public_name, 1 AS copies, '' AS kind""",
        said="""readable_claim k JOIN readable_comment c ON c.id = k.comment_id
            JOIN readable_submission s ON s.id = k.submission_id
            LEFT JOIN readable_campaign l ON l.id = k.campaign_id""",
    )
)
_IN_CHECKED = text(
    """
    WITH made AS (
        SELECT a.place, k.text_hash, k.campaign_id FROM readable_argument a
        JOIN readable_claim k ON k.argument_id = a.id
        WHERE a.consultation_id = :consultation AND a.merged_into_id IS NULL AND a.checked
    ), texts AS (
        SELECT place, text_hash FROM made WHERE campaign_id IS NULL
        UNION SELECT made.place, g.text_hash FROM made JOIN readable_text_group g
            ON g.consultation_id = :consultation AND g.campaign_id = made.campaign_id
    )
    SELECT count(DISTINCT s.submission_id) FROM texts JOIN readable_analysis_counted s
        ON s.consultation_id = :consultation AND s.text_hash = texts.text_hash AND s.state = 'published'
        AND texts.place || ' any' = ANY(s.places)
    """
)
"""Counts the published submissions in checked arguments, each once."""


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
    """Return the arguments with most of these submissions and those with most submissions, each with a quote.

    Also the largest arguments for and against on divided parts of the draft, and the largest on `places`. `fresh` is a
    PostgreSQL array of submission IDs.
    """
    values = {
        "consultation": consultation_id,
        "ids": fresh,
        "most": _MOST,
        "divided": MAX_DIVIDED_PLACES,
        "places": list(places),
        "reasons": MAX_REASONS + 1,
    }
    arguments: dict[int, DigestArgument] = {}
    reasons: dict[int, list[ArgumentReason]] = {}
    for row in session.execute(_FOUND, values).all():
        if statement_proof(row.body[row.start : row.end]) != bytes(row.proof):
            continue
        if row.reason:
            reason = ArgumentReason(campaign_queries.to_quotable_comment(row), row.start, row.end)
            reasons.setdefault(row.argument, []).append(reason)
        elif row.argument not in arguments:
            arguments[row.argument] = _read_argument(row)
    sides = requests.list_sides(session, consultation_id, list(arguments)) if arguments else {}
    return [
        replace(row, reasons=reasons.get(row.id, ()), side=_find_only(sides.get(row.id, ())))
        for row in arguments.values()
    ]


def _find_only(sides: Sequence[Side]) -> str | None:
    return str(sides[0]) if len(sides) == 1 else None


def _read_argument(row: Any) -> DigestArgument:
    return DigestArgument(
        row.argument,
        row.spot,
        row.side,
        row.name or " · ".join(row.phrases),
        row.name is not None,
        row.revision,
        row.submissions,
        row.new,
        row.statements,
        campaign_queries.to_quotable_comment(row),
        row.start,
        row.end,
        row.senders,
    )


_CHECKED = text(
    """
    SELECT count(*) FROM readable_argument
    WHERE consultation_id = :consultation AND merged_into_id IS NULL AND statements > 0 AND checked
    """
)


def count_checked(session: Session, consultation_id: int) -> int:
    """Return the number of checked arguments."""
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
    checked = session.scalar(_IN_CHECKED, {"consultation": consultation_id}) or 0
    covered = {"arguments": sum(argued.values()), "campaigns": copied, "either": copied + alone, "checked": checked}
    return ArgumentSnapshot(totals, progress.upto, progress.encoders, covered)
