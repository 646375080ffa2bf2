"""Moderation decisions: one on each revision of a submission, by a moderator without a visible conflict of interest.

A decision with a delay can be undone until the delay is over. Neither the public nor the author sees it before. See
docs/decisions/0010-undo-by-delay.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow, require_allowed
from consult.decisions import policy
from consult.decisions.kinds import check_uninvolved
from consult.decisions.model import DecisionEnd, ReasonCode
from consult.decisions.service import take_back
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.moderation import decision_log, letters
from consult.moderation import waiting_list as queue
from consult.moderation.hidden_words import RedactionRefused, apply_redactions, check_redactions, get_current_redactions
from consult.moderation.model import Decision, DecisionOutcome, Queue, QueueEntry
from consult.moderation.recourse.model import Appeal
from consult.moderation.redaction import Redaction, merge_redactions
from consult.submissions import service as submissions
from consult.submissions.comments.parties import SUBMISSIONS
from consult.submissions.model import State, Submission, SubmitterKind

OUTCOME_STATES = {
    DecisionOutcome.PUBLISH: State.PUBLISHED,
    DecisionOutcome.RETURN: State.RETURNED,
    DecisionOutcome.WITHHOLD: State.WITHHELD,
}


class SubmissionChanged(Conflict):
    """The submission changed since the moderator read it: decided by a colleague or edited by its author."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("This submission changed after you opened it."))


class AlreadyAnswered(Conflict):
    """A colleague has answered already."""

    def __init__(self) -> None:
        super().__init__(_("This has already been decided."))


class ReasonMissing(Refusal):
    """A decision not to publish needs a public reason."""


class SecondReaderNeeded(Forbidden):
    """The decision needs a second person."""


class UnderAppeal(Conflict):
    """The submission has an open appeal, so only the appeal can change the decision."""


@dataclass(frozen=True)
class ModerationVerdict:
    """A decision without its submission, for one or many."""

    outcome: DecisionOutcome
    reason: str | None = None
    note: str = ""  # for the author
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
    """Publish, return or withhold the submission as read at `revision`, and notify its author.

    With `delay` the decision takes effect later and can be undone until then. The row is locked first, so the second of
    two concurrent moderators gets SubmissionChanged. With `covers` None, hidden words stay hidden. Raises
    InterestedDecider, ReasonMissing, SecondReaderNeeded, RedactionRefused, TransitionNotAllowed.
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
    """Publish a submission in answer to an appeal or report, with `covers` hidden.

    `submission` is locked. It takes effect at once, and the caller notifies the author. Raises as `decide` does.
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
    """Check that `overrule` can be called now, and return the redactions in order. Raises as it does."""
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
    """Undo the moderator's own decision that has not taken effect. The submission returns to its queue.

    Safe to repeat. Raises TooLateToUndo, and NotFound for another person's decision or a missing one.
    """
    decision = session.get(Decision, decision_id, with_for_update=True, populate_existing=True)
    if decision is None or decision.moderator_id != moderator.id:
        raise NotFound(_("You have no decision here to undo."))
    late = _("This decision has already taken effect. Open the submission to decide again.")
    if take_back(decision, late=late, at=at):
        queue.move_home(session, [decision.submission_id])
    return decision


def apply_due_decisions(session: Session, *, at: datetime | None = None, most: int = 200) -> int:
    """Apply decisions whose delay is over, oldest first, and return their number. Safe to repeat.

    A decision is overtaken if the author changed or withdrew the submission meanwhile.
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
        fits = _is_possible(submission, decision.outcome)
        if submission.revision == decision.revision and fits:
            _take_effect(session, submission, decision, moment)
        else:
            _end_decision(decision, DecisionEnd.OVERTAKEN, moment)
            session.flush()
            queue.requeue(session, [submission.id])
            queue.move_home(session, [submission.id])
    return len(due)


def check_verdict(session: Session, moderator: Account, verdict: ModerationVerdict) -> ModerationVerdict:
    """Check that the moderator may give this verdict, and drop the reason if it publishes. Raises a refusal."""
    require_allowed(Allow.MODERATOR, moderator.role)
    publishes = verdict.outcome is DecisionOutcome.PUBLISH
    if verdict.covers and not publishes:
        raise RedactionRefused(
            _("You can hide words only in a submission you publish. Publish it, or clear the words to hide.")
        )
    for code in {cover.reason for cover in verdict.covers} | ({verdict.reason} if not publishes else set()):
        row = session.get(ReasonCode, code) if code else None
        if row is None or row.retired_at is not None:
            error = _("Choose a reason. We give it to the author and count it in public statistics.")
            raise ReasonMissing(error, field="reason")
    reason = None if publishes or verdict.reason is None else str(verdict.reason)
    covers = tuple(merge_redactions(verdict.covers))
    return ModerationVerdict(verdict.outcome, reason, verdict.note, verdict.internal_note, covers)


def lock_submission(session: Session, submission_id: int) -> Submission:
    """Lock and return the submission until the transaction ends. Raises NotFound."""
    submission = session.get(Submission, submission_id, with_for_update=True, populate_existing=True)
    if submission is None:
        raise NotFound(_("We cannot find this submission."))
    return submission


def get_open_decision(session: Session, submission_id: int) -> Decision | None:
    """Return the decision on the submission that has not taken effect yet, or None."""
    return session.scalar(select(Decision).where(Decision.submission_id == submission_id, Decision.ended.is_(None)))


def check_not_own(session: Session, submission_id: int, *people: Account | None) -> None:
    """Raise InterestedDecider if any of these people has a conflict of interest."""
    check_uninvolved(session, SUBMISSIONS, submission_id, *people)


def _load_context(session: Session, submission_id: int, *people: Account | None) -> Row[Any]:
    """Load the data a decision depends on besides the locked row. Raises InterestedDecider."""
    check_uninvolved(session, SUBMISSIONS, submission_id, *people)
    return session.execute(_context_query(), {"of": submission_id}).one()


@lru_cache(maxsize=1)
def _context_query() -> Any:
    decided = select(Decision.id).where(Decision.submission_id == Submission.id, Decision.ended.is_(None)).exists()
    home = select(QueueEntry.home).where(QueueEntry.submission_id == Submission.id).scalar_subquery()
    return select(
        decided.label("decided"),
        is_under_appeal().label("appealed"),
        policy.current_number().label("policy"),
        home.label("home"),
    ).where(Submission.id == bindparam("of"))


def is_under_appeal() -> ColumnElement[bool]:
    """Return a condition for submissions with an open appeal."""
    waits = select(Appeal.id).where(Appeal.submission_id == Submission.id, Appeal.outcome.is_(None))
    return waits.where(Appeal.revision == Submission.revision).exists()


def needs_second_reader(submission: Submission, outcome: DecisionOutcome) -> bool:
    """Return whether the decision needs a second reader: withholding an organisation's submission."""
    return outcome is DecisionOutcome.WITHHOLD and submission.submitter_kind is SubmitterKind.ORGANISATION


def _is_possible(submission: Submission, outcome: DecisionOutcome) -> bool:
    """Return True if a decision changes the state, or shows words of an imported submission that software hid."""
    state = OUTCOME_STATES[outcome]
    again = submission.source is not None and state is submission.state is State.PUBLISHED
    return again or state in submissions.TRANSITIONS[submission.state]


def _check_state(
    session: Session,
    submission: Submission,
    stands: Row[Any],
    revision: int,
    verdict: ModerationVerdict,
    *,
    alone: bool,
) -> None:
    """Raise a refusal if this verdict is impossible in the submission's current state."""
    if submission.revision != revision or stands.decided:
        raise SubmissionChanged
    if stands.appealed:
        raise UnderAppeal(_("The author has appealed. The moderator of the appeal will decide."))
    if not _is_possible(submission, verdict.outcome):
        raise submissions.TransitionNotAllowed(
            _("This decision is not possible for a submission in its current state.")
        )
    if alone and needs_second_reader(submission, verdict.outcome):
        raise SecondReaderNeeded(
            _("Two people must agree not to publish an organisation’s text. Ask a second moderator.")
        )
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
