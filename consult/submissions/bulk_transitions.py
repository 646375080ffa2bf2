"""Bulk state changes of submissions: `service.transition` for many, with one statement for each kind of row."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.core.errors import Conflict
from consult.core.i18n import _
from consult.ledger.service import insert_entries_sql
from consult.submissions.model import COUNTED_AS_SQL, State
from consult.submissions.service import LEDGER_KINDS, TRANSITIONS

_MOVE = text(
    """
    UPDATE submission AS s SET state = :state, revision = s.revision + 1
    FROM (SELECT id, state FROM submission WHERE id = ANY(:ids) ORDER BY id FOR UPDATE) AS old
    WHERE s.id = old.id AND old.state = ANY(:from) RETURNING s.id, old.state
    """
)
_SHOW = text("UPDATE comment SET shown = :shown WHERE submission_id = ANY(:ids) AND shown <> :shown")
_EXHIBIT = text("UPDATE evidence SET shown = :shown WHERE submission_id = ANY(:ids) AND NOT private")
_COUNT = text(
    f"""
    WITH moved AS (
        SELECT s.id, s.consultation_id, m.was FROM unnest(CAST(:ids AS bigint[]), CAST(:was AS text[])) AS m (id, was)
        JOIN submission s ON s.id = m.id
    ), counted AS (
        SELECT consultation_id, NULL::bigint AS provision_id, NULL AS stance, was, count(*) AS n
        FROM moved GROUP BY consultation_id, was
        UNION ALL
        SELECT m.consultation_id, c.provision_id, {COUNTED_AS_SQL.format("c")}, m.was, count(*)
        FROM moved m JOIN comment c ON c.submission_id = m.id
        WHERE c.provision_id IS NOT NULL GROUP BY 1, 2, 3, 4
    )
    INSERT INTO tally (consultation_id, provision_id, stance, state, n)
    SELECT consultation_id, provision_id, stance, d.state, d.n * counted.n
    FROM counted CROSS JOIN LATERAL (VALUES (counted.was, -1), (:state, 1)) AS d (state, n)
    """  # noqa: S608 - a statement put together from constants
)
_ENTRIES = """
    SELECT :at, :kind, s.consultation_id, s.id, :actor, :reason,
        jsonb_build_object('was', m.was) || CAST(:detail AS jsonb)
    FROM unnest(CAST(:ids AS bigint[]), CAST(:was AS text[])) AS m (id, was) JOIN submission s ON s.id = m.id
    ORDER BY s.id
    """
_WRITE = text(insert_entries_sql("at, kind, consultation_id, subject_id, actor, reason, detail", _ENTRIES))


def transition_all(
    session: Session,
    submission_ids: Collection[int],
    *,
    state: State,
    actor: str | None,
    reason: str | None = None,
    detail: str = "{}",
    at: datetime,
) -> set[int]:
    """Move submissions to another state and return those that could be moved.

    The others stay as they are. `detail` is JSON and public. The rows are written by SQL, so the caller must not hold
    loaded copies of them. Raises Conflict.
    """
    if state is State.PENDING:
        raise Conflict(_("Only the author can resend a submission."))
    session.flush()
    sources = [str(source) for source, targets in TRANSITIONS.items() if state in targets]
    given: dict[str, Any] = {"state": str(state), "ids": sorted(submission_ids), "from": sources}
    moved = session.execute(_MOVE, given).all()
    if not moved:
        return set()
    given = {"state": str(state), "ids": [row[0] for row in moved], "was": [row[1] for row in moved]}
    for show in (_SHOW, _EXHIBIT):
        session.execute(show, {"ids": given["ids"], "shown": state is State.PUBLISHED})
    session.execute(_COUNT, given)
    entry = {"at": at, "kind": str(LEDGER_KINDS[state]), "actor": actor, "reason": reason, "detail": detail}
    session.execute(_WRITE, {"ids": given["ids"], "was": given["was"], **entry})
    return set(given["ids"])
