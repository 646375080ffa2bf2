"""Moderation decisions: one decision on one revision of a submission, never by its own author.

A decision with a delay takes effect after it, and can be undone until then: neither the public nor the author sees it
before. See docs/decisions/0010-undo-by-delay.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow, require_allowed
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.moderation import decision_log, letters
from consult.moderation.hidden_words import RedactionRefused, apply_redactions, check_redactions, get_current_redactions
from consult.moderation.model import Decision, DecisionEnd, DecisionOutcome, Queue, QueueEntry, ReasonCode
from consult.moderation.policy import service as policy
from consult.moderation.queue import service as queue
from consult.moderation.recourse.model import Appeal
from consult.moderation.redaction import Redaction, merge_redactions
from consult.submissions import service as submissions
from consult.submissions.model import State, Submission, SubmitterKind
from consult.submissions.queries import is_conflict_of

OUTCOME_STATES = {
    DecisionOutcome.PUBLISH: State.PUBLISHED,
    DecisionOutcome.RETURN: State.RETURNED,
    DecisionOutcome.WITHHOLD: State.WITHHELD,
}
UNDO_DELAY = timedelta(seconds=30)
"""How long a decision made on a page can be taken back."""


class SubmissionChanged(Conflict):
    """The submission is no longer what the moderator read: decided by a colleague, or changed by its author."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("This submission has changed since you opened it."))


class OwnSubmission(Forbidden):
    """Nobody decides on what they, or an organisation of theirs, have filed."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This was filed by you or an organisation of yours, or asked by a body that you work for: "
                "another moderator must decide on it."
            )
        )


class AlreadyAnswered(Conflict):
    """Somebody else was first."""

    def __init__(self) -> None:
        super().__init__(_("This has been answered already."))


class ReasonMissing(Refusal):
    """A decision not to publish needs a reason that can be published."""


class SecondReaderNeeded(Forbidden):
    """This is not for one person to decide."""


class UnderAppeal(Conflict):
    """An appeal waits, and it is not for those who decided before to decide again."""


class TooLateToUndo(Conflict):
    """The decision has taken effect."""


@dataclass(frozen=True)
class ModerationVerdict:
    """A decision without its subject: the same for one submission and for many."""

    outcome: DecisionOutcome
    reason: str | None = None
    note: str = ""  # to the author
    internal_note: str = ""
    covers: tuple[Redaction, ...] = ()


def decide(
    session: Session,
    *,
    moderator: Account,
    submission_id: int,
    revision: int,
    outcome: DecisionOutcome,
    reason: str | None = None,
    note: str = "",
    internal_note: str = "",
    covers: Sequence[Redaction] | None = (),
    second: Account | None = None,
    batch_id: int | None = None,
    delay: timedelta | None = None,
    at: datetime | None = None,
) -> Decision:
    """Publishes, returns or withholds the submission as it was read at `revision`, and writes to its author why.

    With `delay` that happens then, unless it is taken back; else at once. The row is locked first: of two moderators
    the second is told by SubmissionChanged what happened. Without `covers` (None) what is hidden stays hidden. Raises
    OwnSubmission, ReasonMissing, SecondReaderNeeded, RedactionRefused, and MoveNotAllowed for an unknown move.
    """
    if covers is None:
        covers = get_current_redactions(session, submission_id) if outcome is DecisionOutcome.PUBLISH else ()
    verdict = check_verdict(
        session, moderator, ModerationVerdict(outcome, reason, note.strip(), internal_note.strip(), tuple(covers))
    )
    submission = lock_submission(session, submission_id)
    stands = _load_context(session, submission_id, moderator, second)
    _check_state(session, submission, stands, revision, verdict, alone=second is None)
    moment = at or now()
    decision = _build_decision(stands, verdict, submission, moderator, second, batch_id, moment)
    if delay:
        decision.due_at = moment + delay
        queue.move_to_queue(session, [submission.id], Queue.ASIDE)
    session.add(decision)
    session.flush()
    if not delay:
        _take_effect(session, submission, decision, moment)
    return decision


def overrule(
    session: Session,
    *,
    moderator: Account,
    submission: Submission,
    second: Account | None = None,
    note: str = "",
    covers: Sequence[Redaction] = (),
    at: datetime,
) -> Decision:
    """Publishes, as an answer to an appeal or a report, what is held back, or published with other words hidden.

    `submission` is locked. It takes effect at once, and whoever calls tells its author. Raises as `decide` does.
    """
    verdict = ModerationVerdict(DecisionOutcome.PUBLISH, note=note.strip(), covers=tuple(covers))
    stands, verdict = _check_overrule(session, moderator, submission, verdict)
    decision = _build_decision(stands, verdict, submission, moderator, second, None, at)
    session.add(decision)
    session.flush()
    _take_effect(session, submission, decision, at, tell=False)
    return decision


def check_overrule(
    session: Session, *, moderator: Account, submission: Submission, covers: Sequence[Redaction] = ()
) -> Sequence[Redaction]:
    """The covers in the order of the text, where `overrule` could be called with them now. Raises as it does."""
    verdict = ModerationVerdict(DecisionOutcome.PUBLISH, covers=tuple(covers))
    return _check_overrule(session, moderator, submission, verdict)[1].covers


def _check_overrule(
    session: Session, moderator: Account, submission: Submission, verdict: ModerationVerdict
) -> tuple[Row[Any], ModerationVerdict]:
    verdict = check_verdict(session, moderator, verdict)
    stands = _load_context(session, submission.id, moderator)
    if stands.decided:
        raise SubmissionChanged
    check_redactions(session, submission, verdict.covers)
    return stands, verdict


def _build_decision(
    stands: Row[Any],
    verdict: ModerationVerdict,
    submission: Submission,
    moderator: Account,
    second: Account | None,
    batch_id: int | None,
    at: datetime,
) -> Decision:
    decision = Decision(
        submission_id=submission.id,
        revision=submission.revision,
        moderator_id=moderator.id,
        batch_id=batch_id,
        second_id=second.id if second else None,
        outcome=verdict.outcome,
        reason=verdict.reason,
        note=verdict.note,
        internal_note=verdict.internal_note,
        at=at,
        due_at=None,
        ended=None,
        ended_at=None,
        policy=stands.policy,
        queue=stands.home,
    )
    if verdict.covers:
        decision.redactions = [cover.row for cover in verdict.covers]
    return decision


def undo_decision(session: Session, *, moderator: Account, decision_id: int, at: datetime | None = None) -> Decision:
    """Ends a decision of one's own that has not taken effect: the submission waits where it waited before.

    May be repeated. Raises TooLateToUndo, and NotFound alike for another's decision and for none.
    """
    decision = session.get(Decision, decision_id, with_for_update=True, populate_existing=True)
    if decision is None or decision.moderator_id != moderator.id:
        raise NotFound(_("You have made no such decision."))
    if decision.ended is DecisionEnd.TAKEN_BACK:
        return decision
    if decision.ended is not None:
        raise TooLateToUndo(_("This decision has taken effect. Open the submission to decide on it again."))
    _end_decision(decision, DecisionEnd.TAKEN_BACK, at or now())
    queue.move_home(session, [decision.submission_id])
    return decision


def apply_due_decisions(session: Session, *, at: datetime | None = None, most: int = 200) -> int:
    """Lets decisions take effect whose time has come, those made first; gives how many. May run any number of times.

    One whose submission was changed or withdrawn meanwhile by its author is overtaken: what waits is read again.
    """
    moment = at or now()
    due = session.scalars(
        select(Decision)
        .where(Decision.ended.is_(None), Decision.due_at <= moment)
        .order_by(Decision.due_at, Decision.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for decision in due:
        submission = lock_submission(session, decision.submission_id)
        fits = OUTCOME_STATES[decision.outcome] in submissions.TRANSITIONS[submission.state]
        if submission.revision == decision.revision and fits:
            _take_effect(session, submission, decision, moment)
        else:
            _end_decision(decision, DecisionEnd.OVERTAKEN, moment)
            session.flush()
            queue.requeue(session, [submission.id])
            queue.move_home(session, [submission.id])
    return len(due)


def check_verdict(session: Session, moderator: Account, verdict: ModerationVerdict) -> ModerationVerdict:
    """The verdict as it can be given by this person: without a reason where it publishes. Raises a refusal."""
    require_allowed(Allow.MODERATOR, moderator.role)
    publishes = verdict.outcome is DecisionOutcome.PUBLISH
    if verdict.covers and not publishes:
        raise RedactionRefused(
            _("Words are hidden in what is published. Publish it, or remove the hidden words first.")
        )
    for code in {cover.reason for cover in verdict.covers} | ({verdict.reason} if not publishes else set()):
        row = session.get(ReasonCode, code) if code else None
        if row is None or row.retired_at is not None:
            said = _("Choose the reason: the author is told it, and it is counted in public.")
            raise ReasonMissing(said, field="reason")
    reason = None if publishes or verdict.reason is None else str(verdict.reason)
    covers = tuple(merge_redactions(verdict.covers))
    return ModerationVerdict(verdict.outcome, reason, verdict.note, verdict.internal_note, covers)


def lock_submission(session: Session, submission_id: int) -> Submission:
    """The submission, locked until the transaction ends. Raises NotFound."""
    submission = session.get(Submission, submission_id, with_for_update=True, populate_existing=True)
    if submission is None:
        raise NotFound(_("There is no such submission."))
    return submission


def get_open_decision(session: Session, submission_id: int) -> Decision | None:
    """The decision on this that has not taken effect yet, if there is one."""
    return session.scalar(select(Decision).where(Decision.submission_id == submission_id, Decision.ended.is_(None)))


def check_not_own(session: Session, submission_id: int, *people: Account | None) -> None:
    """Raises OwnSubmission where any of these people has filed it, or belongs to the organisation that has."""
    _load_context(session, submission_id, *people)


def _load_context(session: Session, submission_id: int, *people: Account | None) -> Row[Any]:
    """What a decision on a submission hangs on beside its row, which is locked. Raises OwnSubmission."""
    asked = [person for person in people if person is not None]
    values: dict[str, Any] = {"of": submission_id}
    for number, person in enumerate(asked):
        values |= {f"person{number}": person.id, f"address{number}": person.email_index}
    found = session.execute(_context_query(len(asked)), values).one()
    if found.own:
        raise OwnSubmission
    return found


@lru_cache(maxsize=4)
def _context_query(people: int) -> Any:
    theirs = [is_conflict_of(bindparam(f"person{number}"), bindparam(f"address{number}")) for number in range(people)]
    decided = select(Decision.id).where(Decision.submission_id == Submission.id, Decision.ended.is_(None)).exists()
    home = select(QueueEntry.home).where(QueueEntry.submission_id == Submission.id).scalar_subquery()
    return select(
        or_(*theirs).label("own"),
        decided.label("decided"),
        is_under_appeal().label("appealed"),
        policy.current_number().label("policy"),
        home.label("home"),
    ).where(Submission.id == bindparam("of"))


def is_under_appeal() -> ColumnElement[bool]:
    """Of a submission: that somebody else is to look at the decision on it, which stands as it is until then."""
    waits = select(Appeal.id).where(Appeal.submission_id == Submission.id, Appeal.outcome.is_(None))
    return waits.where(Appeal.revision == Submission.revision).exists()


def needs_second_reader(submission: Submission, outcome: DecisionOutcome) -> bool:
    """An organisation speaks for many: one person alone does not silence it."""
    return outcome is DecisionOutcome.WITHHOLD and submission.submitter_kind is SubmitterKind.ORGANISATION


def _check_state(
    session: Session,
    submission: Submission,
    stands: Row[Any],
    revision: int,
    verdict: ModerationVerdict,
    *,
    alone: bool,
) -> None:
    """Raises a refusal if this verdict is impossible in the submission's present state."""
    if submission.revision != revision or stands.decided:
        raise SubmissionChanged
    if stands.appealed:
        raise UnderAppeal(_("Its author has appealed: whoever answers the appeal decides on it."))
    if OUTCOME_STATES[verdict.outcome] not in submissions.TRANSITIONS[submission.state]:
        raise submissions.TransitionNotAllowed(_("This submission cannot be decided on like that as it stands now."))
    if alone and needs_second_reader(submission, verdict.outcome):
        raise SecondReaderNeeded(_("An organisation's words are withheld by two people: ask a second reader."))
    check_redactions(session, submission, verdict.covers)


def _take_effect(
    session: Session, submission: Submission, decision: Decision, at: datetime, *, tell: bool = True
) -> None:
    detail: dict[str, Any] = {"policy": decision.policy}
    if decision.redactions:
        detail["covered"] = len(decision.redactions)
        detail["reasons"] = sorted({row["reason"] for row in decision.redactions})
    if decision.second_id is not None:
        detail["second_reader"] = True
    if decision.batch_id is not None:
        detail |= decision_log.describe_batch(session, decision.batch_id)
    hidden = apply_redactions(session, submission, decision) if decision.outcome is DecisionOutcome.PUBLISH else None
    about: dict[str, Any] = {"actor": pseudonym("account", decision.moderator_id), "commitment": hidden, "at": at}
    if submission.state is OUTCOME_STATES[decision.outcome]:
        detail.setdefault("covered", 0)
        of: dict[str, Any] = {"subject_id": submission.id, "consultation_id": submission.consultation_id}
        ledger.record(session, Kind.COVERED, detail=detail, **of, **about)
    else:
        state = OUTCOME_STATES[decision.outcome]
        submissions.transition(session, submission, state=state, reason=decision.reason, detail=detail, **about)
    _end_decision(decision, DecisionEnd.TOOK_EFFECT, at)
    if submission.state is State.RETURNED:
        queue.requeue(session, [submission.id])
        queue.move_home(session, [submission.id])
    else:
        queue.dequeue(session, [submission.id])
    if tell:
        letters.notify_author(session, submission, decision)


def _end_decision(decision: Decision, ended: DecisionEnd, at: datetime) -> None:
    decision.ended, decision.ended_at = ended, at
