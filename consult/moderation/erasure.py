"""Deletion of notes, answers and redactions when a submission is erased.

Decider, outcome, time and reason code remain. A batch on several submissions keeps its note to all their authors;
internal notes are deleted once it has ended. Safe to repeat.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from consult.mail import service as mail
from consult.moderation import waiting_list as queue
from consult.moderation.model import Batch, BatchItem, BatchProgress, Decision
from consult.moderation.recourse.model import Appeal, RecourseAnswer, Report
from consult.submissions.model import State, Submission

_ENDED = (BatchProgress.DONE, BatchProgress.REFUSED, BatchProgress.TAKEN_BACK)
_CLEAR_SHARED_NOTES = text(
    "UPDATE decision SET internal_note = '' FROM batch b WHERE b.id = decision.batch_id AND b.id = ANY(:batches) "
    "AND decision.internal_note = b.internal_note AND b.internal_note <> ''"
)


def clear(session: Session, submission_id: int) -> None:
    """Delete texts written about an erased submission, and e-mails that quote it."""
    _forget_letters(session, submission_id)
    session.execute(_of(Decision, submission_id).values(note="", internal_note="", redactions=None))
    session.execute(_of(Appeal, submission_id).values(answer=""))
    session.execute(_of(Report, submission_id).values(answer=""))
    session.execute(_of(RecourseAnswer, submission_id).values(words="", redactions=None))
    queue.dequeue(session, [submission_id])
    batches = session.scalars(select(BatchItem.batch_id).where(BatchItem.submission_id == submission_id))
    clear_ended_batches(session, batches.all())


def clear_ended_batches(session: Session, batch_ids: Collection[int]) -> None:
    """Delete the internal notes of ended batches in which a submission was erased.

    The note to the authors is deleted too if all submissions were erased.
    """
    session.flush()
    of_batch = select(Submission.id).join(BatchItem, BatchItem.submission_id == Submission.id)
    of_batch = of_batch.where(BatchItem.batch_id == Batch.id)
    erased, alive = of_batch.where(Submission.state == State.ERASED), of_batch.where(Submission.state != State.ERASED)
    ended = select(Batch.id).where(Batch.id.in_(batch_ids), Batch.progress.in_(_ENDED), erased.exists())
    rows = session.scalars(ended).all()
    if rows:
        session.execute(_CLEAR_SHARED_NOTES, {"batches": list(rows)})
        those = update(Batch).where(Batch.id.in_(rows)).execution_options(synchronize_session=False)
        session.execute(those.values(internal_note="", answer=""))
        session.execute(those.where(~alive.exists()).values(note="", redactions=None))


def _of(table: Any, submission_id: int) -> Any:
    return update(table).where(table.submission_id == submission_id)


def _forget_letters(session: Session, submission_id: int) -> None:
    """Delete the e-mails to the author and to people who reported the submission."""
    keys = []
    for table, names in (
        (Decision, ("decision",)),
        (Appeal, ("appeal_received", "appeal_answered")),
        (Report, ("report-check", "report-answered")),
    ):
        numbers = session.scalars(select(table.id).where(table.submission_id == submission_id))
        keys += [f"{name}:{number}" for number in numbers for name in names]
    mail.forget(session, keys=keys)
