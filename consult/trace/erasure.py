"""Erasure of a submission from other packages' tables: at once in the author's transaction, and again from the ledger.

The follower reads all erasures since the first entry, so rows left by an earlier release are deleted too. Followers of
lower layers (counts, texts, statements, search) delete their own data within seconds.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.analysis import erasure as analysis
from consult.arguments.objections import service as objections
from consult.calls import arrivals as calls
from consult.digests import erasure as digests
from consult.ledger.followers import Follower, Window
from consult.ledger.model import Kind
from consult.moderation import erasure as moderation
from consult.responses.evaluation import service as evaluation
from consult.submissions import service as submissions
from consult.submissions.erasure import service as submissions_erasure
from consult.submissions.model import State, Submission


def erase(session: Session, submission: Submission, *, at: datetime | None = None) -> None:
    """Erase a submission for its proven author, with texts written about it. Raises TransitionNotAllowed."""
    # Changes sent at the same time are stored before this or not at all.
    session.refresh(submission, with_for_update=True)
    evaluation.erase(session, submission)
    submissions.erase(session, submission, at=at)
    moderation.clear(session, submission.id)
    objections.clear(session, submission.id)
    calls.clear(session, submission.id)


def _clear_window(session: Session, window: Window) -> None:
    entries = FOLLOWER.list_entries(session, window)
    erased = session.scalars(
        select(Submission)
        .where(Submission.id.in_({entry.subject_id for entry in entries}), Submission.state == State.ERASED)
        .order_by(Submission.id)
        .with_for_update()
    ).all()
    for submission in erased:
        submissions_erasure.clear(session, submission)
        moderation.clear(session, submission.id)
        objections.clear(session, submission.id)
        calls.clear(session, submission.id)
        digests.clear(session, submission.id)
        evaluation.clear_letters(session, submission.id)
        digests.rewrite_letters(session, submission.id)
    analysis.forget(session, [one.id for one in erased])


FOLLOWER = Follower("erasure", (Kind.ERASED,), _clear_window, step=10_000, site=True)
