"""Running counts stored as deltas: writers append and do not wait for each other, readers sum, and the scheduler folds
rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.submissions.model import COUNTED_AS_SQL, State, Submission

_DELTAS = f"""
    INSERT INTO tally (consultation_id, provision_id, stance, state, n)
    SELECT :consultation, counted.provision_id, counted.stance, deltas.state, deltas.n * counted.n
    FROM (
        SELECT NULL::bigint AS provision_id, NULL AS stance, 1 AS n
        UNION ALL
        SELECT provision_id, {COUNTED_AS_SQL.format("comment")}, count(*) FROM comment
        WHERE submission_id = :submission AND provision_id IS NOT NULL GROUP BY 1, 2
    ) AS counted, (VALUES {{deltas}}) AS deltas (state, n)
"""  # noqa: S608 - a statement put together from constants
_ADD = text(_DELTAS.format(deltas="(:state, 1)"))
_MOVE = text(_DELTAS.format(deltas="(:was, -1), (:state, 1)"))
_SUBTRACT = text(_DELTAS.format(deltas="(:state, -1)"))
_FOLD = text(
    """
    WITH gone AS (
        DELETE FROM tally USING (
            SELECT consultation_id AS c, provision_id AS p, stance AS s, state AS t
            FROM tally GROUP BY 1, 2, 3, 4 HAVING count(*) > 1 OR sum(n) = 0
        ) AS many
        WHERE consultation_id = c AND provision_id IS NOT DISTINCT FROM p
            AND stance IS NOT DISTINCT FROM s AND state = t
        RETURNING consultation_id, provision_id, stance, state, n
    )
    INSERT INTO tally (consultation_id, provision_id, stance, state, n)
    SELECT consultation_id, provision_id, stance, state, sum(n) FROM gone GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0
    """
)


def add(session: Session, submission: Submission) -> None:
    """Count a stored submission and its comments under its state."""
    session.execute(_ADD, _of(submission))


def subtract(session: Session, submission: Submission) -> None:
    """Uncount a submission and its comments, before its text is replaced."""
    session.execute(_SUBTRACT, _of(submission))


def move(session: Session, submission: Submission, was: State) -> None:
    """Count a submission and its comments under its new state instead of the old one."""
    session.execute(_MOVE, {**_of(submission), "was": str(was)})


def fold(session: Session) -> None:
    """Fold the deltas of each count into one row.

    It happens in one transaction, so readers see the same sum before and after.
    """
    session.execute(_FOLD)


def _of(submission: Submission) -> dict[str, Any]:
    return {
        "consultation": submission.consultation_id,
        "submission": submission.id,
        "state": str(submission.state),
    }
