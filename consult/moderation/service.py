"""The verb of moderation: decide. One decision on one state of a submission, by somebody whose words they are not.

A decision with a delay takes effect after it, and can be taken back until then: neither the public nor the author has
seen anything of it. See docs/decisions/0010-undo-by-delay.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.core.access import Allow, demand
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.moderation import docket, letters, policies
from consult.moderation.model import Batch, Decision, Ended, Outcome, Queue, ReasonCode, Waiting
from consult.moderation.recourse import Appeal
from consult.moderation.redaction import Cover, covered, hidden, tidy
from consult.submissions import service as submissions
from consult.submissions.model import Comment, Contact, State, Submission, SubmitterKind

STATES = {Outcome.PUBLISH: State.PUBLISHED, Outcome.RETURN: State.RETURNED, Outcome.WITHHOLD: State.WITHHELD}
DELAY = timedelta(seconds=30)
"""How long a decision made on a page can be taken back."""


class Stale(Conflict):
    """The submission is no longer what the moderator read: decided by a colleague, or changed by its author."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("This submission has changed since you opened it."))


class OwnWords(Forbidden):
    """Nobody decides on what they, or an organisation of theirs, have filed."""

    def __init__(self) -> None:
        super().__init__(_("This was filed by you or an organisation of yours: another moderator must decide on it."))


class Answered(Conflict):
    """Somebody else was first."""

    def __init__(self) -> None:
        super().__init__(_("This has been answered already."))


class ReasonMissing(Refusal):
    """What is not published is not published for a reason that can be told."""


class SecondReaderNeeded(Forbidden):
    """This is not for one person to decide."""


class UnderAppeal(Conflict):
    """An appeal waits, and it is not for those who decided before to decide again."""


class TooLate(Conflict):
    """The decision has taken effect."""


class CoverRefused(Refusal):
    """These are not words of this submission that can be covered."""


@dataclass(frozen=True)
class Verdict:
    """What is decided, apart from about what: the same for one submission and for many."""

    outcome: Outcome
    reason: str | None = None
    note: str = ""  # to the author
    internal_note: str = ""
    covers: tuple[Cover, ...] = ()


def decide(
    session: Session,
    *,
    moderator: Account,
    submission_id: int,
    revision: int,
    outcome: Outcome,
    reason: str | None = None,
    note: str = "",
    internal_note: str = "",
    covers: Sequence[Cover] | None = (),
    second: Account | None = None,
    batch_id: int | None = None,
    delay: timedelta | None = None,
    at: datetime | None = None,
) -> Decision:
    """Publishes, returns or withholds the submission as it was read at `revision`, and writes to its author why.

    With `delay` that happens then, unless it is taken back; else at once. The row is locked first, so of two
    moderators at once the second waits, and is then told by Stale what happened. Without `covers` (None) what is
    hidden in it stays hidden. Raises OwnWords, ReasonMissing, SecondReaderNeeded, CoverRefused, and MoveNotAllowed
    where the books know no such move.
    """
    if covers is None:
        covers = _hidden(session, submission_id) if outcome is Outcome.PUBLISH else ()
    verdict = check(session, moderator, Verdict(outcome, reason, note.strip(), internal_note.strip(), tuple(covers)))
    submission = locked(session, submission_id)
    stands = _stands(session, submission_id, moderator, second)
    _check_state(session, submission, stands, revision, verdict, alone=second is None)
    moment = at or now()
    decision = _written(stands, verdict, submission, moderator, second, batch_id, moment)
    if delay:
        decision.due_at = moment + delay
        docket.put(session, [submission.id], Queue.ASIDE)
    session.add(decision)
    session.flush()
    if not delay:
        _take_effect(session, submission, decision, moment)
    return decision


def overrule(
    session: Session, *, moderator: Account, submission: Submission, note: str = "", covers: Sequence[Cover] = (),
    at: datetime,
) -> Decision:  # fmt: skip
    """Publishes, as an answer to an appeal or a report, what is held back, or published with other words hidden.

    `submission` is locked. It takes effect at once, and whoever calls tells its author. Raises as `decide` does.
    """
    verdict = check(session, moderator, Verdict(Outcome.PUBLISH, note=note.strip(), covers=tuple(covers)))
    stands = _stands(session, submission.id, moderator)
    if stands.decided:
        raise Stale
    _check_covers(session, submission, verdict.covers)
    decision = _written(stands, verdict, submission, moderator, None, None, at)
    session.add(decision)
    session.flush()
    _take_effect(session, submission, decision, at, tell=False)
    return decision


def _written(
    stands: Row[Any], verdict: Verdict, submission: Submission, moderator: Account, second: Account | None,
    batch_id: int | None, at: datetime,
) -> Decision:  # fmt: skip
    decision = Decision(
        submission_id=submission.id, revision=submission.revision, moderator_id=moderator.id, batch_id=batch_id,
        second_id=second.id if second else None, outcome=verdict.outcome, reason=verdict.reason, note=verdict.note,
        internal_note=verdict.internal_note, at=at, due_at=None, ended=None, ended_at=None,
        policy=stands.policy, queue=stands.home,
    )  # fmt: skip
    if verdict.covers:
        decision.redactions = [cover.row for cover in verdict.covers]
    return decision


def take_back(session: Session, *, moderator: Account, decision_id: int, at: datetime | None = None) -> Decision:
    """Ends a decision of one's own that has not taken effect: the submission waits where it waited before.

    May be repeated. Raises TooLate, and NotFound alike for another's decision and for none.
    """
    decision = session.get(Decision, decision_id, with_for_update=True, populate_existing=True)
    if decision is None or decision.moderator_id != moderator.id:
        raise NotFound(_("You have made no such decision."))
    if decision.ended is Ended.TAKEN_BACK:
        return decision
    if decision.ended is not None:
        raise TooLate(_("This decision has taken effect. Open the submission to decide on it again."))
    _end(decision, Ended.TAKEN_BACK, at or now())
    docket.put_back(session, [decision.submission_id])
    return decision


def settle_due(session: Session, *, at: datetime | None = None, most: int = 200) -> int:
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
        submission = locked(session, decision.submission_id)
        fits = STATES[decision.outcome] in submissions.MOVES[submission.state]
        if submission.revision == decision.revision and fits:
            _take_effect(session, submission, decision, moment)
        else:
            _end(decision, Ended.OVERTAKEN, moment)
            session.flush()
            docket.look_at(session, [submission.id])
            docket.put_back(session, [submission.id])
    return len(due)


def check(session: Session, moderator: Account, verdict: Verdict) -> Verdict:
    """The verdict as it can be given by this person: without a reason where it publishes. Raises a refusal."""
    demand(Allow.MODERATOR, moderator.role)
    publishes = verdict.outcome is Outcome.PUBLISH
    if verdict.covers and not publishes:
        raise CoverRefused(_("Words are hidden in what is published. Publish it, or remove the hidden words first."))
    for code in {cover.reason for cover in verdict.covers} | ({verdict.reason} if not publishes else set()):
        row = session.get(ReasonCode, code) if code else None
        if row is None or row.retired_at is not None:
            said = _("Choose the reason: the author is told it, and it is counted in public.")
            raise ReasonMissing(said, field="reason")
    reason = None if publishes or verdict.reason is None else str(verdict.reason)
    covers = tuple(tidy(verdict.covers))
    return Verdict(verdict.outcome, reason, verdict.note, verdict.internal_note, covers)


def locked(session: Session, submission_id: int) -> Submission:
    """The submission as it stands, held until the transaction ends. Raises NotFound."""
    submission = session.get(Submission, submission_id, with_for_update=True, populate_existing=True)
    if submission is None:
        raise NotFound(_("There is no such submission."))
    return submission


def open_decision(session: Session, submission_id: int) -> Decision | None:
    """The decision on this that has not taken effect yet, if there is one."""
    return session.scalar(select(Decision).where(Decision.submission_id == submission_id, Decision.ended.is_(None)))


def check_not_own(session: Session, submission_id: int, *people: Account | None) -> None:
    """Raises OwnWords where any of these people has filed it, or belongs to the organisation that has."""
    _stands(session, submission_id, *people)


def _stands(session: Session, submission_id: int, *people: Account | None) -> Row[Any]:
    """What a decision on a submission hangs on beside its row, which is locked. Raises OwnWords."""
    asked = [person for person in people if person is not None]
    values: dict[str, Any] = {"of": submission_id}
    for number, person in enumerate(asked):
        values |= {f"person{number}": person.id, f"address{number}": person.email_index}
    found = session.execute(_standing(len(asked)), values).one()
    if found.own:
        raise OwnWords
    return found


@lru_cache(maxsize=4)
def _standing(people: int) -> Any:
    theirs = [own_words_of(bindparam(f"person{number}"), bindparam(f"address{number}")) for number in range(people)]
    decided = select(Decision.id).where(Decision.submission_id == Submission.id, Decision.ended.is_(None)).exists()
    home = select(Waiting.home).where(Waiting.submission_id == Submission.id).scalar_subquery()
    return select(
        or_(*theirs).label("own"), decided.label("decided"), under_appeal().label("appealed"),
        policies.number().label("policy"), home.label("home"),
    ).where(Submission.id == bindparam("of"))  # fmt: skip


def under_appeal() -> ColumnElement[bool]:
    """Of a submission: that somebody else is to look at the decision on it, which stands as it is until then."""
    waits = select(Appeal.id).where(Appeal.submission_id == Submission.id, Appeal.outcome.is_(None))
    return waits.where(Appeal.revision == Submission.revision).exists()


def needs_second_reader(submission: Submission, outcome: Outcome) -> bool:
    """An organisation speaks for many: one person alone does not silence it."""
    return outcome is Outcome.WITHHOLD and submission.submitter_kind is SubmitterKind.ORGANISATION


def own_words(moderator: Account) -> ColumnElement[bool]:
    """Of a submission: filed from this account, for an organisation of theirs, or with their address as contact."""
    return own_words_of(moderator.id, moderator.email_index)


def own_words_of(account_id: Any, email_index: Any) -> ColumnElement[bool]:
    """The same of an account of which a statement will be told the number and the address."""
    theirs = select(Membership.organisation_id).where(Membership.account_id == account_id)
    reached = select(Contact.id).where(Contact.email_index == email_index)
    return or_(
        Submission.account_id.is_not_distinct_from(account_id),
        Submission.organisation_id.is_not(None) & Submission.organisation_id.in_(theirs),
        Submission.contact_id.is_not(None) & Submission.contact_id.in_(reached),
    )


def _check_state(
    session: Session, submission: Submission, stands: Row[Any], revision: int, verdict: Verdict, *, alone: bool
) -> None:
    """Raises a refusal where this verdict cannot be given on the submission as it stands."""
    if submission.revision != revision or stands.decided:
        raise Stale
    if stands.appealed:
        raise UnderAppeal(_("Its author has appealed: whoever answers the appeal decides on it."))
    if STATES[verdict.outcome] not in submissions.MOVES[submission.state]:
        raise submissions.MoveNotAllowed(_("This submission cannot be decided on like that as it stands now."))
    if alone and needs_second_reader(submission, verdict.outcome):
        raise SecondReaderNeeded(_("An organisation's words are withheld by two people: ask a second reader."))
    _check_covers(session, submission, verdict.covers)


def _take_effect(
    session: Session, submission: Submission, decision: Decision, at: datetime, *, tell: bool = True
) -> None:  # fmt: skip
    detail: dict[str, Any] = {"policy": decision.policy}
    if decision.redactions:
        detail["covered"] = len(decision.redactions)
        detail["reasons"] = sorted({row["reason"] for row in decision.redactions})
    if decision.second_id is not None:
        detail["second_reader"] = True
    if decision.batch_id is not None and session.get_one(Batch, decision.batch_id).campaign_id is not None:
        detail["letter"] = True
    if decision.outcome is Outcome.PUBLISH:
        _cover(session, submission, decision)
    actor, state = pseudonym("account", decision.moderator_id), STATES[decision.outcome]
    if submission.state is state:
        detail.setdefault("covered", 0)
        ledger.record(
            session, Kind.COVERED, subject_id=submission.id, consultation_id=submission.consultation_id, actor=actor,
            detail=detail, at=at,
        )  # fmt: skip
    else:
        submissions.settle(
            session, submission, state=state, actor=actor, reason=decision.reason, detail=detail, at=at
        )  # fmt: skip
    _end(decision, Ended.TOOK_EFFECT, at)
    if submission.state is State.RETURNED:
        docket.look_at(session, [submission.id])
        docket.put_back(session, [submission.id])
    else:
        docket.take_off(session, [submission.id])
    if tell:
        letters.tell_the_author(session, submission, decision)


def _end(decision: Decision, ended: Ended, at: datetime) -> None:
    decision.ended, decision.ended_at = ended, at


def _cover(session: Session, submission: Submission, decision: Decision) -> None:
    """What the public reads of each comment from now on; what was covered by an earlier decision is shown again."""
    covers = [Cover(**row) for row in decision.redactions or ()]
    for comment in session.scalars(select(Comment).where(Comment.submission_id == submission.id)):
        own = [cover for cover in covers if cover.comment == comment.id]
        if own:
            comment.redacted_body = covered(comment.body, own)
            comment.redactions = [{"start": c.start, "end": c.end, "reason": c.reason} for c in own]
        elif comment.redacted_body is not None:
            comment.redacted_body, comment.redactions = None, []


def _hidden(session: Session, submission_id: int) -> list[Cover]:
    rows = session.execute(
        select(Comment.id, Comment.redactions)
        .where(Comment.submission_id == submission_id, Comment.redactions.is_not(None))
        .order_by(Comment.position)
    )
    return hidden((row.id, row.redactions) for row in rows)


def _check_covers(session: Session, submission: Submission, covers: Sequence[Cover]) -> None:
    if not covers:
        return
    rows = session.execute(select(Comment.id, Comment.body).where(Comment.submission_id == submission.id))
    bodies = {row.id: row.body for row in rows}
    for cover in covers:
        body = bodies.get(cover.comment)
        if body is None or not 0 <= cover.start < cover.end <= len(body):
            raise CoverRefused(_("These words are not in the submission as it stands. Choose them again."))
    if all(len(body) == sum(c.end - c.start for c in covers if c.comment == id) for id, body in bodies.items()):
        raise CoverRefused(_("Everything would be hidden. Withhold the submission instead, with the reason."))
