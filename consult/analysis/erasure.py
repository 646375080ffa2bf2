"""Repair of data that earlier releases left in the analysis of erased submissions: the hash of their text.

Erasure now deletes that hash; this module repairs rows that were counted before.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.analysis import jobs
from consult.analysis.model import CountedSubmission
from consult.analysis.service import FOLLOWER
from consult.submissions.model import NO_TEXT, State

_UNCOUNT = text(
    """
    WITH old AS MATERIALIZED (
        SELECT submission_id, text_hash FROM analysis_counted
        WHERE submission_id = ANY(:ids) AND consultation_id = :consultation AND state = 'erased' AND text_hash <> ''
    ), counted AS (
        UPDATE analysis_counted a SET text_hash = '' FROM old WHERE a.submission_id = old.submission_id
    ), fewer AS (
        UPDATE text_group g SET received = g.received - o.n, placed = 0
        FROM (SELECT text_hash, count(*) AS n FROM old GROUP BY text_hash) AS o
        WHERE g.consultation_id = :consultation AND g.text_hash = o.text_hash RETURNING g.received
    )
    UPDATE analysis_state SET texts = texts - (SELECT count(*) FROM fewer WHERE received = 0)
    WHERE consultation_id = :consultation
    """
)


def forget(session: Session, submission_ids: Collection[int]) -> None:
    """Remove erased submissions from the texts they were counted with. Safe to repeat."""
    left = select(CountedSubmission.consultation_id).where(
        CountedSubmission.submission_id.in_(submission_ids),
        CountedSubmission.state == State.ERASED,
        CountedSubmission.text_hash != NO_TEXT,
    )
    for consultation_id in sorted(set(session.scalars(left))):
        FOLLOWER.lock(session, consultation_id)
        session.execute(_UNCOUNT, {"ids": list(submission_ids), "consultation": consultation_id})
        jobs.place_texts(session, consultation_id, FOLLOWER.get_position(session, consultation_id))
