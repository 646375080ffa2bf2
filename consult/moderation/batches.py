"""One decision on many submissions, or on one that two people must agree on.

Proposed by one moderator; where it is many, or withholds an organisation, nothing happens until another confirms it.
Then it can be taken back for a while, and then a task works through its items: each is decided once, however often
the task stops and starts, and one that changed meanwhile is left for a person.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.access import Allow, demand
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.db import lock, try_lock
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.moderation import docket, letters, policies, service
from consult.moderation.model import (
    Batch,
    BatchItem,
    Decision,
    Ended,
    LetterDecision,
    Outcome,
    Progress,
    Queue,
    Result,
    Waiting,
)
from consult.moderation.redaction import Cover
from consult.moderation.service import DELAY, Answered, OwnWords, Stale, Verdict, own_words
from consult.submissions.model import State, Submission, SubmitterKind
from consult.submissions.settling import settle_all

ALONE = 20
"""So many at once one person may decide on."""
CHUNK = 500
MOST = 10_000
_OPEN = (Progress.DUE, Progress.RUNNING)


class SelfApproval(Forbidden):
    """The second reader is somebody else."""


class NothingChosen(Refusal):
    """A decision on nothing."""


def propose(
    session: Session,
    *,
    moderator: Account,
    items: Sequence[tuple[int, int]] = (),
    where: Sequence[ColumnElement[bool]] | None = None,
    verdict: Verdict,
    second_reader: bool = False,
    campaign_id: int | None = None,
    at: datetime | None = None,
) -> Batch:
    """One verdict on these submissions, each with the revision that was read, or on all that wait `where` this holds.

    Words of one's own are left for others. With `campaign_id` these are copies of its letter,
    and later ones follow. Raises OwnWords where nothing else is left, Stale where one alone is not what was read.
    """
    verdict, moment = service.check(session, moderator, verdict), at or now()
    batch = Batch(
        outcome=verdict.outcome, reason=verdict.reason, note=verdict.note, internal_note=verdict.internal_note,
        moderator_id=moderator.id, proposed_at=moment, progress=Progress.SECOND_READER, answer="",
        campaign_id=campaign_id,
    )  # fmt: skip
    if verdict.covers:
        batch.redactions = [cover.row for cover in verdict.covers]
    session.add(batch)
    session.flush()
    mine = _take_in(session, batch, moderator, items, where)
    count = _count(session, batch.id)
    if not count:
        if mine:
            raise OwnWords
        raise Stale
    if second_reader or count > ALONE or _silences(session, batch):
        _put(session, batch, Queue.SECOND)
    else:
        _make_due(session, batch, moment)
    return batch


def confirm(session: Session, *, second: Account, batch_id: int, answer: str = "", at: datetime | None = None) -> Batch:
    """Lets a batch go ahead, as the second person. Raises SelfApproval for who proposed it, and OwnWords.

    What the second reader or an organisation of theirs has filed is left out of it, for others to decide on.
    """
    batch = _answerable(session, second, batch_id)
    if batch.progress in (*_OPEN, Progress.DONE) and batch.second_id == second.id:
        return batch
    if batch.progress is not Progress.SECOND_READER:
        raise Answered
    own = _own_items(session, batch.id, second)
    if own and len(own) == _count(session, batch.id):
        raise OwnWords
    _leave_out(session, batch.id, own)
    batch.second_id, batch.answered_at, batch.answer = second.id, at or now(), answer.strip()
    _make_due(session, batch, batch.answered_at)
    return batch


def refuse(session: Session, *, second: Account, batch_id: int, answer: str, at: datetime | None = None) -> Batch:
    """Says no as the second person, and why: what was proposed waits as before. Raises SelfApproval."""
    batch = _answerable(session, second, batch_id)
    if batch.progress is not Progress.SECOND_READER:
        raise Answered
    if not answer.strip():
        raise Refusal(_("Say why, so that your colleague knows what to do."), field="answer")
    batch.second_id, batch.answered_at, batch.answer = second.id, at or now(), answer.strip()
    batch.progress = Progress.REFUSED
    _put_back(session, batch)
    return batch


def take_back(session: Session, *, moderator: Account, batch_id: int, at: datetime | None = None) -> Batch:
    """Ends a batch that has not begun, by who proposed it or confirmed it. May be repeated. Raises TooLate."""
    batch = _one(session, batch_id)
    if moderator.id not in (batch.moderator_id, batch.second_id):
        raise NotFound(_("You have made no such decision."))
    if batch.progress is Progress.TAKEN_BACK:
        return batch
    if batch.progress not in (Progress.SECOND_READER, Progress.DUE):
        raise service.TooLate(_("This decision has taken effect. Open the submission to decide on it again."))
    batch.progress, batch.done_at = Progress.TAKEN_BACK, at or now()
    _put_back(session, batch)
    return batch


def due(session: Session, *, at: datetime | None = None) -> Sequence[int]:
    """The batches to work on now."""
    waits = (Batch.progress == Progress.RUNNING) | (Batch.due_at <= (at or now()))
    return session.scalars(select(Batch.id).where(Batch.progress.in_(_OPEN), waits).order_by(Batch.id)).all()


def run(session: Session, batch_id: int, *, at: datetime | None = None, most: int = CHUNK) -> bool:
    """Decides on the next items of a batch; whether there are more. A second runner does nothing."""
    if not try_lock(session, "moderation.batch", batch_id):
        return False
    moment, batch = at or now(), _one(session, batch_id)
    if batch.progress not in _OPEN or (batch.due_at or moment) > moment:
        return False
    batch.progress = Progress.RUNNING
    items = session.execute(
        select(BatchItem.submission_id, BatchItem.revision)
        .where(BatchItem.batch_id == batch_id, BatchItem.result.is_(None))
        .order_by(BatchItem.submission_id)
        .limit(most)
    ).all()
    read = {row.submission_id: row.revision for row in items}
    decided = _settle(session, batch, read, moment) if read else set()
    _note(session, batch_id, decided, Result.DECIDED)
    _note(session, batch_id, set(read) - decided, Result.CHANGED)
    docket.put_back(session, set(read) - decided)
    if len(items) == most:
        return True
    batch.progress, batch.done_at = Progress.DONE, moment
    return False


def _settle(session: Session, batch: Batch, read: dict[int, int], at: datetime) -> set[int]:
    """Those of the items that are still as they were read, decided on."""
    fresh = {
        row.id
        for row in session.execute(
            select(Submission.id, Submission.revision)
            .where(Submission.id.in_(read), ~_decided_on())
            .order_by(Submission.id)
            .with_for_update()
        )
        if row.revision == read[row.id]
    }
    if batch.redactions or len(read) == 1:
        return {one for one in fresh if _settle_one(session, batch, one, read[one], at)}
    detail = {
        "batch": batch.id,
        "policy": policies.present(session).number,
        **({"second_reader": True} if batch.second_id else {}),
    }
    if batch.campaign_id is not None:
        detail["letter"] = True
    actor, state = pseudonym("account", batch.moderator_id), service.STATES[batch.outcome]
    homes = docket.home_of(session, fresh)
    decided = settle_all(
        session, fresh, state=state, actor=actor, reason=batch.reason, detail=json.dumps(detail), at=at
    )
    _write_decisions(session, batch, {one: (read[one], homes.get(one)) for one in decided}, at)
    if state is State.RETURNED:
        docket.put_back(session, decided)
        docket.look_at(session, decided)
    else:
        docket.take_off(session, decided)
    return decided


def follow(session: Session, batch: Batch, read: dict[int, int], at: datetime) -> set[int]:
    """Decides on later copies of a letter as its batch did; gives those decided on."""
    return _settle(session, batch, read, at)


def not_left_out(session: Session, batch: Batch) -> list[ColumnElement[bool]]:
    """Of what waits: what need not be read by a person though its letter was decided on."""
    people = session.scalars(select(Account).where(Account.id.in_([batch.moderator_id, batch.second_id or 0])))
    kept = or_(*(own_words(person) for person in people))
    if batch.outcome is Outcome.WITHHOLD:
        kept = or_(kept, Submission.submitter_kind == SubmitterKind.ORGANISATION)
    return [~select(Submission.id).where(Submission.id == Waiting.submission_id, kept).exists()]


def _write_decisions(session: Session, batch: Batch, read: dict[int, tuple[int, Queue | None]], at: datetime) -> None:
    """A decision for each, and the letters to the authors who can be reached."""
    if not read:
        return
    common = {
        "moderator_id": batch.moderator_id, "second_id": batch.second_id, "batch_id": batch.id,
        "outcome": batch.outcome, "reason": batch.reason, "note": batch.note, "internal_note": batch.internal_note,
        "at": at, "ended": Ended.TOOK_EFFECT, "ended_at": at, "policy": policies.present(session).number,
    }  # fmt: skip
    rows = [
        {"submission_id": one, "revision": revision, "queue": queue, **common}
        for one, (revision, queue) in sorted(read.items())
    ]
    session.execute(insert(Decision), rows)
    reachable = select(Submission, Decision).join(Decision, Decision.submission_id == Submission.id)
    reachable = reachable.where(
        Submission.id.in_(read), Decision.batch_id == batch.id, Decision.at == at,
        Submission.contact_id.is_not(None) | Submission.account_id.is_not(None),
    ).execution_options(populate_existing=True)  # fmt: skip
    for submission, decision in session.execute(reachable):
        letters.tell_the_author(session, submission, decision)


def _settle_one(session: Session, batch: Batch, submission_id: int, revision: int, at: datetime) -> bool:
    people = {row.id: row for row in session.scalars(select(Account).where(
        Account.id.in_([batch.moderator_id, batch.second_id or batch.moderator_id])))}  # fmt: skip
    try:
        service.decide(
            session, moderator=people[batch.moderator_id], submission_id=submission_id, revision=revision,
            outcome=batch.outcome, reason=batch.reason, note=batch.note, internal_note=batch.internal_note,
            covers=[Cover(**row) for row in batch.redactions] if batch.redactions else None, batch_id=batch.id, at=at,
            second=people[batch.second_id] if batch.second_id else None,
        )  # fmt: skip
    except Refusal:  # decided, changed or withdrawn meanwhile: a person looks again
        return False
    return True


def _decided_on() -> ColumnElement[bool]:
    """Whether there is nothing to decide now: a decision takes effect in a moment, or an appeal waits."""
    waits = select(Decision.id).where(Decision.submission_id == Submission.id, Decision.ended.is_(None)).exists()
    return or_(waits, service.under_appeal())


def _take_in(session: Session, batch: Batch, moderator: Account, items: Sequence[tuple[int, int]], where: Any) -> bool:
    """Fills a batch with what still waits as it was read; whether something of one's own was left out."""
    free = or_(Waiting.submission_id.is_(None), Waiting.queue == Waiting.home)
    waits = select(Submission.id, Submission.revision).outerjoin(Waiting, Waiting.submission_id == Submission.id)
    waits = waits.where(free, ~_decided_on()).with_for_update(of=Submission)
    if where is None:
        read = dict(items)
        waits = waits.where(Submission.id.in_(read))
    else:
        read = {}
        waits = waits.where(*where).order_by(Waiting.turn, Waiting.submission_id).limit(MOST)
    rows = session.execute(waits).all()
    found = [row for row in rows if read.get(row.id, row.revision) == row.revision]
    if not rows and not items and where is None:
        raise NothingChosen(_("Choose at least one submission."))
    if found:
        values = [{"batch_id": batch.id, "submission_id": row.id, "revision": row.revision} for row in found]
        session.execute(insert(BatchItem), values)
    own = _own_items(session, batch.id, moderator)
    _leave_out(session, batch.id, own)
    return bool(own)


def _own_items(session: Session, batch_id: int, person: Account) -> set[int]:
    mine = select(Submission.id).join(BatchItem, BatchItem.submission_id == Submission.id)
    return set(session.scalars(mine.where(BatchItem.batch_id == batch_id, own_words(person))))


def _leave_out(session: Session, batch_id: int, submission_ids: Collection[int]) -> None:
    _note(session, batch_id, submission_ids, Result.OWN)
    docket.put_back(session, submission_ids)


def _note(session: Session, batch_id: int, submission_ids: Collection[int], result: Result) -> None:
    if submission_ids:
        these = [BatchItem.batch_id == batch_id, BatchItem.submission_id.in_(submission_ids)]
        session.execute(update(BatchItem).where(*these).values(result=result))


def _count(session: Session, batch_id: int) -> int:
    left = select(func.count()).where(BatchItem.batch_id == batch_id, BatchItem.result.is_(None))
    return session.scalar(left) or 0


def _silences(session: Session, batch: Batch) -> bool:
    """Whether the words of an organisation would be withheld."""
    if batch.outcome is not Outcome.WITHHOLD:
        return False
    theirs = select(BatchItem.submission_id).join(Submission, Submission.id == BatchItem.submission_id)
    theirs = theirs.where(BatchItem.batch_id == batch.id, Submission.submitter_kind == SubmitterKind.ORGANISATION)
    return session.scalar(theirs.limit(1)) is not None


def _make_due(session: Session, batch: Batch, at: datetime) -> None:
    batch.progress, batch.due_at = Progress.DUE, at + DELAY
    _put(session, batch, Queue.ASIDE)
    if batch.campaign_id is not None:
        earlier = [LetterDecision.campaign_id == batch.campaign_id, LetterDecision.ended_at.is_(None)]
        session.execute(update(LetterDecision).where(*earlier).values(ended_at=at))
        standing = LetterDecision(campaign_id=batch.campaign_id, batch_id=batch.id, ended_at=None)
        session.add(standing)
    session.flush()


_PUT = """
    UPDATE waiting SET queue = {queue} FROM batch_item i
    WHERE i.batch_id = :batch AND i.result IS NULL AND i.submission_id = waiting.submission_id
"""


def _put(session: Session, batch: Batch, queue: Queue) -> None:
    session.execute(text(_PUT.format(queue=":queue")), {"batch": batch.id, "queue": str(queue)})


def _put_back(session: Session, batch: Batch) -> None:
    session.execute(text(_PUT.format(queue="waiting.home")), {"batch": batch.id})
    session.execute(update(LetterDecision).where(LetterDecision.batch_id == batch.id).values(ended_at=now()))


def _answerable(session: Session, second: Account, batch_id: int) -> Batch:
    demand(Allow.MODERATOR, second.role)
    batch = _one(session, batch_id)
    if batch.moderator_id == second.id:
        raise SelfApproval(_("You proposed this: somebody else must confirm it."))
    return batch


def _one(session: Session, batch_id: int) -> Batch:
    lock(session, "moderation.batch.row", batch_id)
    batch = session.get(Batch, batch_id, populate_existing=True)
    if batch is None:
        raise NotFound(_("There is no such decision."))
    return batch
