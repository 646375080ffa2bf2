"""Times of published submissions, given in the order of the ledger."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.database.sql_files import read_sql
from consult.ledger.followers import Follower, Window
from consult.ledger.model import Kind
from consult.ledger.service import PRACTICE

KINDS = (Kind.PUBLISHED, Kind.COVERED, Kind.AMENDED, Kind.WITHHELD, Kind.WITHDRAWN, Kind.ERASED)
A_SECOND = 250
"""Submissions that may share a second. Clients read at most 20 pages of 250 that begin with the same second."""
_STAMP = text(read_sql(__file__, "stamps"))
_ROOM = text(
    """
    SELECT min(:now - greatest(e.hour, coalesce(last.modified, 0)))
    FROM (
        SELECT consultation_id, count(*) AS total,
            extract(epoch FROM date_trunc('hour', max(at), 'UTC'))::bigint AS hour
        FROM readable_ledger
        WHERE number >= :since AND number < :until AND kind = ANY(:kinds) AND consultation_id < :practice
        GROUP BY consultation_id
    ) e
    LEFT JOIN LATERAL (
        SELECT extract(epoch FROM modified_at)::bigint AS modified FROM posted_submission
        WHERE consultation_id = e.consultation_id ORDER BY modified_at DESC LIMIT 1
    ) AS last ON true
    WHERE e.total > :most * greatest(1, :now - greatest(e.hour, coalesce(last.modified, 0)))
    """
)
"""The seconds that are left, if any consultation of a window has more changes than they can hold."""


def _stamp(session: Session, window: Window) -> None:
    session.execute(_STAMP, _values(window))


FOLLOWER = Follower("v4", KINDS, _stamp, step=100_000, site=True)


def follow(session: Session) -> int:
    """Give times to the next submissions and return the number of ledger entries read.

    A burst with more than `A_SECOND` changes for each second that is left waits in part for the next call.
    """
    window, _head = FOLLOWER.next_window(session)
    room = session.scalar(_ROOM, {**_values(window), "most": A_SECOND}) if window.since < window.until else None
    return FOLLOWER.follow_site(session, most=A_SECOND * max(1, room) if room is not None else None)


def _values(window: Window) -> dict[str, object]:
    return {
        "since": window.since,
        "until": window.until,
        "kinds": FOLLOWER.kind_values,
        "published": str(Kind.PUBLISHED),
        "practice": PRACTICE,
        "now": int(now().timestamp()),
    }
