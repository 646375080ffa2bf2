"""Records that a submission was started on the page of a call."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.calls.model import CallVoice, CommentCall
from consult.submissions.drafts import arrivals
from consult.submissions.model import Submission


@arrivals.on_arrival
def note_voice(session: Session, submission: Submission, slug: str) -> None:
    """Count a submission for the call with this slug if both belong to one consultation. Safe to repeat."""
    call_id = session.scalar(
        select(CommentCall.id).where(
            CommentCall.slug == slug, CommentCall.consultation_id == submission.consultation_id
        )
    )
    if call_id is not None:
        row = insert(CallVoice).values(submission_id=submission.id, call_id=call_id)
        session.execute(row.on_conflict_do_nothing())


def clear(session: Session, submission_id: int) -> None:
    """Delete the link between an erased submission and its call. Safe to repeat."""
    session.execute(delete(CallVoice).where(CallVoice.submission_id == submission_id))
