"""Decisions that their moderator can still undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, and_, bindparam, case, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.moderation.model import Batch, BatchItem, BatchProgress, Decision, DecisionOutcome
from consult.moderation.recourse.model import RecourseAnswer, RecourseOutcome
from consult.submissions.model import Submission

NAMED = 3
"""Number of references shown for an undoable bulk decision."""
UNDOABLE = 5
"""Maximum number of undoable decisions shown. Few more fit into the half minute of the delay."""
_ME: Any = bindparam("me")


@dataclass(frozen=True)
class UndoableDecision:
    """A moderator's decision that has not taken effect."""

    id: int
    kind: str  # decision, batch or answer
    outcome: DecisionOutcome | RecourseOutcome
    count: int
    references: Sequence[str]  # the first NAMED
    due_at: datetime


def list_undoable(session: Session, moderator: Account) -> Sequence[UndoableDecision]:
    """Return the moderator's latest decisions that can be undone, newest first."""
    return [
        UndoableDecision(
            row[0], row[1], (RecourseOutcome if row[1] == "answer" else DecisionOutcome)(row[2]), *row[3:6]
        )
        for row in session.execute(_undoable_query(), {"me": moderator.id})
    ]


@lru_cache(maxsize=1)
def _undoable_query() -> Any:
    """Select undoable decisions, most recent action first. A batch confirmed later counts from its proposal."""
    every = _decisions().union_all(_batches(), _answers()).subquery()
    return select(every).order_by(every.c.did.desc()).limit(UNDOABLE)


def _decisions() -> Any:
    return (
        select(
            Decision.id,
            literal("decision"),
            cast(Decision.outcome, Text),
            literal(1),
            array([Submission.reference]),
            Decision.due_at,
            Decision.at.label("did"),
        )
        .join(Submission, Submission.id == Decision.submission_id)
        .where(Decision.moderator_id == _ME, Decision.ended.is_(None))
    )


def _batches() -> Any:
    goes = and_(BatchItem.batch_id == Batch.id, BatchItem.result.is_(None))
    count = select(func.count()).where(goes).scalar_subquery()
    named = select(Submission.reference).join(BatchItem, BatchItem.submission_id == Submission.id).where(goes)
    named = named.order_by(Submission.id).limit(NAMED).correlate(Batch)
    did = case((Batch.second_id == _ME, Batch.answered_at), else_=Batch.proposed_at)
    return select(
        Batch.id,
        literal("batch"),
        cast(Batch.outcome, Text),
        count,
        func.array(named.scalar_subquery()),
        Batch.due_at,
        did,
    ).where(or_(Batch.moderator_id == _ME, Batch.second_id == _ME), Batch.progress == BatchProgress.DUE)


def _answers() -> Any:
    return (
        select(
            RecourseAnswer.id,
            literal("answer"),
            cast(RecourseAnswer.outcome, Text),
            literal(1),
            array([Submission.reference]),
            RecourseAnswer.due_at,
            RecourseAnswer.at,
        )
        .join(Submission, Submission.id == RecourseAnswer.submission_id)
        .where(
            or_(RecourseAnswer.moderator_id == _ME, RecourseAnswer.second_id == _ME),
            RecourseAnswer.ended.is_(None),
            RecourseAnswer.due_at.is_not(None),
        )
    )
