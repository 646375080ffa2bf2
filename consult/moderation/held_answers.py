"""Answers to appeals and content reports, with an undo delay like decisions. See docs/decisions/0010.

Until an answer takes effect, the appeal or report counts as open: no page, e-mail or ledger entry shows the answer.
`appeals` and `reports` define the effects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.decisions.model import DecisionEnd
from consult.decisions.service import take_back
from consult.moderation import service
from consult.moderation.recourse.model import Appeal, RecourseAnswer, RecourseOutcome, Report
from consult.moderation.redaction import Redaction
from consult.submissions.model import Submission


def schedule_answer(
    session: Session,
    *,
    moderator: Account,
    submission: Submission,
    outcome: RecourseOutcome,
    words: str,
    covers: Sequence[Redaction],
    delay: timedelta | None,
    at: datetime,
    appeal: Appeal | None = None,
    reports: Sequence[Report] = (),
) -> RecourseAnswer:
    """Schedule an answer to take effect after `delay`. Without a delay it waits for a second person.

    `submission` is locked, and the caller has made all other checks.
    """
    answer = RecourseAnswer(
        submission_id=submission.id,
        appeal_id=appeal.id if appeal else None,
        moderator_id=moderator.id,
        outcome=outcome,
        words=words,
        at=at,
        due_at=at + delay if delay else None,
        ended=None,
        ended_at=None,
    )
    if appeal is None:  # An assigned None is stored as JSON null instead of SQL NULL.
        answer.reports = [report.id for report in reports]
    if covers:
        answer.redactions = [cover.row for cover in covers]
    session.add(answer)
    session.flush()
    return answer


def check_unanswered(session: Session, submission_id: int) -> None:
    """Raise AlreadyAnswered if another answer is pending. The submission must be locked."""
    if session.scalar(select(RecourseAnswer.id).where(*_is_pending(submission_id))) is not None:
        raise service.AlreadyAnswered


def has_pending_answer(submission_id: Any) -> ColumnElement[bool]:
    """Return a condition for submissions with an answer about to take effect. Takes an id or an id column."""
    due = select(RecourseAnswer.id).where(*_is_pending(submission_id), RecourseAnswer.due_at.is_not(None))
    return due.correlate_except(RecourseAnswer).exists()


def undo_answer(session: Session, *, moderator: Account, answer_id: int, at: datetime | None = None) -> RecourseAnswer:
    """Undo a pending answer that the moderator gave or confirmed. Safe to repeat.

    Raises TooLateToUndo, and NotFound for another person's answer or a missing one.
    """
    answer = session.get(RecourseAnswer, answer_id, with_for_update=True, populate_existing=True)
    if answer is None or moderator.id not in (answer.moderator_id, answer.second_id):
        raise NotFound(_("You have no decision here to undo."))
    take_back(answer, late=_("This decision has already taken effect."), at=at)
    session.flush()
    return answer


def lock_proposed(session: Session, appeal_id: int) -> RecourseAnswer:
    """Lock and return the answer to this appeal that waits for a second person, or raise AlreadyAnswered."""
    proposed = select(RecourseAnswer).where(
        RecourseAnswer.appeal_id == appeal_id, RecourseAnswer.ended.is_(None), RecourseAnswer.due_at.is_(None)
    )
    answer = session.scalar(proposed.with_for_update().execution_options(populate_existing=True))
    if answer is None:
        raise service.AlreadyAnswered
    return answer


def apply_due(
    session: Session,
    carry_out: Callable[[RecourseAnswer, datetime], object],
    *,
    to_appeals: bool,
    at: datetime | None = None,
    most: int = 200,
) -> int:
    """Apply answers whose delay is over and return their number. Safe to repeat.

    An answer is marked as overtaken if its submission was changed or decided otherwise meanwhile.
    """
    moment = at or now()
    due = session.scalars(_due_query(to_appeals, most), {"at": moment}).all()
    for answer in due:
        answer.ended, answer.ended_at = DecisionEnd.TOOK_EFFECT, moment
        try:
            with session.begin_nested():
                carry_out(answer, moment)
        except Refusal:
            answer.ended, answer.ended_at = DecisionEnd.OVERTAKEN, moment
            session.flush()
    return len(due)


def load_redactions(answer: RecourseAnswer) -> list[Redaction]:
    return [Redaction(**row) for row in answer.redactions or ()]


def _is_pending(submission_id: Any) -> tuple[ColumnElement[bool], ...]:
    return RecourseAnswer.submission_id == submission_id, RecourseAnswer.ended.is_(None)


@lru_cache(maxsize=2)
def _due_query(to_appeals: bool, most: int) -> Select[Any]:
    kind = RecourseAnswer.appeal_id.is_not(None) if to_appeals else RecourseAnswer.appeal_id.is_(None)
    return (
        select(RecourseAnswer)
        .where(RecourseAnswer.ended.is_(None), RecourseAnswer.due_at <= bindparam("at"), kind)
        .order_by(RecourseAnswer.due_at, RecourseAnswer.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
