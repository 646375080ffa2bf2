"""Bulk decisions: one decision on many submissions, or on one that needs a second person.

A moderator proposes a batch. A large batch, or one that withholds an organisation's submission, must be confirmed by
another moderator. It can be undone for a while. Then a task decides each item once, however often the task stops and
restarts. Submissions that changed meanwhile are left for a person.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.db import advisory_lock, try_advisory_lock
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow, require_allowed
from consult.decisions import policy
from consult.decisions.kinds import InterestedDecider
from consult.decisions.model import DecisionEnd
from consult.decisions.service import UNDO_DELAY, TooLateToUndo
from consult.moderation import erasure, letters, service
from consult.moderation import waiting_list as moderation_queue
from consult.moderation.bulk.items import count_open_items, find_own_items, set_result
from consult.moderation.hidden_words import list_with_hidden_words
from consult.moderation.model import (
    Batch,
    BatchItem,
    BatchItemResult,
    BatchProgress,
    Decision,
    DecisionOutcome,
    LetterDecision,
    Queue,
    QueueEntry,
)
from consult.moderation.redaction import Redaction
from consult.moderation.service import (
    AlreadyAnswered,
    ModerationVerdict,
    SubmissionChanged,
)
from consult.submissions.bulk_transitions import transition_all
from consult.submissions.model import State, Submission, SubmitterKind

MAX_WITHOUT_SECOND_READER = 20
"""Maximum number of submissions that one person may decide on alone."""
CHUNK = 500
MOST = 10_000
_OPEN = (BatchProgress.DUE, BatchProgress.RUNNING)


class SelfApproval(Forbidden):
    """The second reader must be a different person."""


class NothingChosen(Refusal):
    """The decision has no submissions."""


def propose(
    session: Session,
    *,
    moderator: Account,
    items: Sequence[tuple[int, int]] = (),
    where: Sequence[ColumnElement[bool]] | None = None,
    verdict: ModerationVerdict,
    second_reader: bool = False,
    campaign_id: int | None = None,
    at: datetime | None = None,
) -> Batch:
    """Propose one verdict on these submissions at the revisions read, or on all waiting ones that match `where`.

    The moderator's own submissions are left to others. With `campaign_id` the items are copies of its letter, and later
    copies follow. Raises InterestedDecider if nothing else is left, and SubmissionChanged if a single submission
    changed.
    """
    verdict, moment = service.check_verdict(session, moderator, verdict), at or now()
    batch = _build_batch(moderator, verdict, campaign_id, moment)
    session.add(batch)
    session.flush()
    mine = _fill_batch(session, batch, moderator, items, where)
    count = count_open_items(session, batch.id)
    if not count:
        if mine:
            raise InterestedDecider(_("You seem to have a conflict of interest here."))
        raise SubmissionChanged
    if second_reader or count > MAX_WITHOUT_SECOND_READER or _withholds_organisation(session, batch):
        _move_to_queue(session, batch, Queue.SECOND)
    else:
        _make_due(session, batch, moment)
    return batch


def _build_batch(moderator: Account, verdict: ModerationVerdict, campaign_id: int | None, at: datetime) -> Batch:
    batch = Batch(
        outcome=verdict.outcome,
        reason=verdict.reason,
        note=verdict.note,
        internal_note=verdict.internal_note,
        moderator_id=moderator.id,
        proposed_at=at,
        progress=BatchProgress.SECOND_READER,
        answer="",
        campaign_id=campaign_id,
    )
    if verdict.covers:
        batch.redactions = [cover.row for cover in verdict.covers]
    return batch


def confirm(session: Session, *, second: Account, batch_id: int, answer: str = "", at: datetime | None = None) -> Batch:
    """Confirm a batch as the second person. Raises SelfApproval for its proposer, and InterestedDecider.

    Submissions of the second reader or their organisation are removed from it, for others to decide on.
    """
    batch = _lock_answerable(session, second, batch_id)
    if batch.progress in (*_OPEN, BatchProgress.DONE) and batch.second_id == second.id:
        return batch
    if batch.progress is not BatchProgress.SECOND_READER:
        raise AlreadyAnswered
    own = find_own_items(session, batch.id, second)
    if own and len(own) == count_open_items(session, batch.id):
        raise InterestedDecider(_("You seem to have a conflict of interest here."))
    _leave_out(session, batch.id, own)
    batch.second_id, batch.answered_at, batch.answer = second.id, at or now(), answer.strip()
    _make_due(session, batch, batch.answered_at)
    return batch


def refuse(session: Session, *, second: Account, batch_id: int, answer: str, at: datetime | None = None) -> Batch:
    """Refuse a batch as the second person, with a reason. Its items wait as before. Raises SelfApproval."""
    batch = _lock_answerable(session, second, batch_id)
    if batch.progress is not BatchProgress.SECOND_READER:
        raise AlreadyAnswered
    if not answer.strip():
        raise Refusal(_("Give the reason, so that your colleague knows what to do."), field="answer")
    batch.second_id, batch.answered_at, batch.answer = second.id, at or now(), answer.strip()
    batch.progress = BatchProgress.REFUSED
    _move_home(session, batch)
    return batch


def undo_batch(session: Session, *, moderator: Account, batch_id: int, at: datetime | None = None) -> Batch:
    """Cancel a batch that has not started, as its proposer or second reader. Safe to repeat. Raises TooLateToUndo."""
    batch = _lock_batch(session, batch_id)
    if moderator.id not in (batch.moderator_id, batch.second_id):
        raise NotFound(_("You have no decision here to undo."))
    if batch.progress is BatchProgress.TAKEN_BACK:
        return batch
    if batch.progress not in (BatchProgress.SECOND_READER, BatchProgress.DUE):
        raise TooLateToUndo(_("This decision has already taken effect. Open the submission to decide again."))
    batch.progress, batch.done_at = BatchProgress.TAKEN_BACK, at or now()
    _move_home(session, batch)
    return batch


def list_due(session: Session, *, at: datetime | None = None) -> Sequence[int]:
    """Return the batches to process now."""
    waits = (Batch.progress == BatchProgress.RUNNING) | (Batch.due_at <= (at or now()))
    return session.scalars(select(Batch.id).where(Batch.progress.in_(_OPEN), waits).order_by(Batch.id)).all()


def run(session: Session, batch_id: int, *, at: datetime | None = None, most: int = CHUNK) -> bool:
    """Decide on the next items of a due batch.

    Returns True after a full part, since more may remain. Returns False if the batch is not due, is finished, or has
    another runner.
    """
    if not try_advisory_lock(session, "moderation.batch", batch_id):
        return False
    moment, batch = at or now(), _lock_batch(session, batch_id)
    if batch.progress not in _OPEN or (batch.due_at or moment) > moment:
        return False
    batch.progress = BatchProgress.RUNNING
    items = session.execute(
        select(BatchItem.submission_id, BatchItem.revision)
        .where(BatchItem.batch_id == batch_id, BatchItem.result.is_(None))
        .order_by(BatchItem.submission_id)
        .limit(most)
    ).all()
    read = {row.submission_id: row.revision for row in items}
    decided = _decide_items(session, batch, read, moment) if read else set()
    set_result(session, batch_id, decided, BatchItemResult.DECIDED)
    set_result(session, batch_id, set(read) - decided, BatchItemResult.CHANGED)
    moderation_queue.move_home(session, set(read) - decided)
    if len(items) == most:
        return True
    batch.progress, batch.done_at = BatchProgress.DONE, moment
    erasure.clear_ended_batches(session, [batch.id])
    return False


def _decide_items(session: Session, batch: Batch, read: dict[int, int], at: datetime) -> set[int]:
    """Decide on the items that have not changed since they were read, and return them."""
    fresh = {
        row.id
        for row in session.execute(
            select(Submission.id, Submission.revision)
            .where(Submission.id.in_(read), ~_is_decided())
            .order_by(Submission.id)
            .with_for_update()
        )
        if row.revision == read[row.id]
    }
    alone = fresh if batch.redactions or len(read) == 1 else list_with_hidden_words(session, fresh)
    decided_alone = {one for one in alone if _decide_item(session, batch, one, read[one], at)}
    return decided_alone | _decide_together(session, batch, {one: read[one] for one in fresh - alone}, at)


def _decide_together(session: Session, batch: Batch, read: dict[int, int], at: datetime) -> set[int]:
    """Decide on submissions without hidden words, with one statement for each kind of row."""
    if not read:
        return set()
    detail = {
        "batch": batch.id,
        "policy": policy.get_current(session).number,
        **({"second_reader": True} if batch.second_id else {}),
    }
    if batch.campaign_id is not None:
        detail["letter"] = True
    actor, state = pseudonym("account", batch.moderator_id), service.OUTCOME_STATES[batch.outcome]
    homes = moderation_queue.get_home_queues(session, set(read))
    decided = transition_all(
        session, set(read), state=state, actor=actor, reason=batch.reason, detail=json.dumps(detail), at=at
    )
    _write_decisions(session, batch, {one: (read[one], homes.get(one)) for one in decided}, at)
    if state is State.RETURNED:
        moderation_queue.move_home(session, decided)
        moderation_queue.requeue(session, decided)
    else:
        moderation_queue.dequeue(session, decided)
    return decided


def decide_copies(session: Session, batch: Batch, read: dict[int, int], at: datetime) -> set[int]:
    """Apply a batch's decision to later copies of its letter, and return the decided ones."""
    return _decide_items(session, batch, read, at)


def _write_decisions(session: Session, batch: Batch, read: dict[int, tuple[int, Queue | None]], at: datetime) -> None:
    """Insert a decision for each submission, and notify the authors who can be reached."""
    if not read:
        return
    common = {
        "moderator_id": batch.moderator_id,
        "second_id": batch.second_id,
        "batch_id": batch.id,
        "outcome": batch.outcome,
        "reason": batch.reason,
        "note": batch.note,
        "internal_note": batch.internal_note,
        "at": at,
        "ended": DecisionEnd.TOOK_EFFECT,
        "ended_at": at,
        "policy": policy.get_current(session).number,
    }
    rows = [
        {"submission_id": one, "revision": revision, "queue": queue, **common}
        for one, (revision, queue) in sorted(read.items())
    ]
    session.execute(insert(Decision), rows)
    reachable = select(Submission, Decision).join(Decision, Decision.submission_id == Submission.id)
    reachable = reachable.where(
        Submission.id.in_(read),
        Decision.batch_id == batch.id,
        Decision.at == at,
        Submission.contact_id.is_not(None) | Submission.account_id.is_not(None),
    ).execution_options(populate_existing=True)
    for submission, decision in session.execute(reachable):
        letters.notify_author(session, submission, decision)


def _decide_item(session: Session, batch: Batch, submission_id: int, revision: int, at: datetime) -> bool:
    people = {
        row.id: row
        for row in session.scalars(
            select(Account).where(Account.id.in_([batch.moderator_id, batch.second_id or batch.moderator_id]))
        )
    }
    try:
        service.decide(
            session,
            moderator=people[batch.moderator_id],
            submission_id=submission_id,
            revision=revision,
            outcome=batch.outcome,
            reason=batch.reason,
            note=batch.note,
            internal_note=batch.internal_note,
            covers=[Redaction(**row) for row in batch.redactions] if batch.redactions else None,
            batch_id=batch.id,
            at=at,
            second=people[batch.second_id] if batch.second_id else None,
        )
    except Refusal:  # decided, changed or withdrawn meanwhile: a person looks again
        return False
    return True


def _is_decided() -> ColumnElement[bool]:
    """Return a condition for submissions with a pending decision or an open appeal."""
    waits = select(Decision.id).where(Decision.submission_id == Submission.id, Decision.ended.is_(None)).exists()
    return or_(waits, service.is_under_appeal())


def _fill_batch(
    session: Session, batch: Batch, moderator: Account, items: Sequence[tuple[int, int]], where: Any
) -> bool:
    """Fill a batch with unchanged waiting submissions. Return whether any of the moderator's own were left out."""
    free = or_(QueueEntry.submission_id.is_(None), QueueEntry.queue == QueueEntry.home)
    waits = select(Submission.id, Submission.revision).outerjoin(QueueEntry, QueueEntry.submission_id == Submission.id)
    waits = waits.where(free, ~_is_decided()).with_for_update(of=Submission)
    if where is None:
        read = dict(items)
        waits = waits.where(Submission.id.in_(read))
    else:
        read = {}
        waits = waits.where(*where).order_by(QueueEntry.turn, QueueEntry.submission_id).limit(MOST)
    rows = session.execute(waits).all()
    found = [row for row in rows if read.get(row.id, row.revision) == row.revision]
    if not rows and not items and where is None:
        raise NothingChosen(_("Choose at least one submission."))
    if found:
        values = [{"batch_id": batch.id, "submission_id": row.id, "revision": row.revision} for row in found]
        session.execute(insert(BatchItem), values)
    own = find_own_items(session, batch.id, moderator)
    _leave_out(session, batch.id, own)
    return bool(own)


def _leave_out(session: Session, batch_id: int, submission_ids: Collection[int]) -> None:
    set_result(session, batch_id, submission_ids, BatchItemResult.OWN)
    moderation_queue.move_home(session, submission_ids)


def _withholds_organisation(session: Session, batch: Batch) -> bool:
    """Return whether the batch would withhold an organisation's submission."""
    if batch.outcome is not DecisionOutcome.WITHHOLD:
        return False
    theirs = select(BatchItem.submission_id).join(Submission, Submission.id == BatchItem.submission_id)
    theirs = theirs.where(BatchItem.batch_id == batch.id, Submission.submitter_kind == SubmitterKind.ORGANISATION)
    return session.scalar(theirs.limit(1)) is not None


def _make_due(session: Session, batch: Batch, at: datetime) -> None:
    batch.progress, batch.due_at = BatchProgress.DUE, at + UNDO_DELAY
    _move_to_queue(session, batch, Queue.ASIDE)
    if batch.campaign_id is not None:
        earlier = [LetterDecision.campaign_id == batch.campaign_id, LetterDecision.ended_at.is_(None)]
        session.execute(update(LetterDecision).where(*earlier).values(ended_at=at))
        standing = LetterDecision(campaign_id=batch.campaign_id, batch_id=batch.id, ended_at=None)
        session.add(standing)
    session.flush()


_MOVE = """
    UPDATE waiting SET queue = {queue} FROM batch_item i
    WHERE i.batch_id = :batch AND i.result IS NULL AND i.submission_id = waiting.submission_id
"""


def _move_to_queue(session: Session, batch: Batch, queue: Queue) -> None:
    session.execute(text(_MOVE.format(queue=":queue")), {"batch": batch.id, "queue": str(queue)})


def _move_home(session: Session, batch: Batch) -> None:
    session.execute(text(_MOVE.format(queue="waiting.home")), {"batch": batch.id})
    erasure.clear_ended_batches(session, [batch.id])
    session.execute(update(LetterDecision).where(LetterDecision.batch_id == batch.id).values(ended_at=now()))


def _lock_answerable(session: Session, second: Account, batch_id: int) -> Batch:
    require_allowed(Allow.MODERATOR, second.role)
    batch = _lock_batch(session, batch_id)
    if batch.moderator_id == second.id:
        raise SelfApproval(_("You proposed this, so someone else must confirm it."))
    return batch


def _lock_batch(session: Session, batch_id: int) -> Batch:
    advisory_lock(session, "moderation.batch.row", batch_id)
    batch = session.get(Batch, batch_id, populate_existing=True)
    if batch is None:
        raise NotFound(_("We cannot find this decision."))
    return batch
