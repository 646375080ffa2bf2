"""Appeals: the author files one, and an uninvolved moderator answers it with reasons.

Until then the decision remains in force and nobody else decides on the submission. See
docs/decisions/0018-appeals-and-reports.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import pseudonym, seal, unseal
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.web.access import Allow, require_allowed
from consult.decisions.letters import get_appeal_deadline
from consult.decisions.model import AppealOutcome, DecisionEnd
from consult.decisions.process import InvolvedInDecision, NothingToAppeal
from consult.decisions.reasons import load_names
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.moderation import held_answers as recourse_answers
from consult.moderation import letters, service
from consult.moderation.model import Batch, Decision, DecisionOutcome
from consult.moderation.recourse.model import Appeal, RecourseAnswer, RecourseOutcome
from consult.moderation.redaction import Redaction
from consult.submissions.model import Submission

ENTRIES = {
    AppealOutcome.REJECTED: Kind.APPEAL_REJECTED,
    AppealOutcome.ACCEPTED: Kind.APPEAL_ACCEPTED,
    AppealOutcome.LAPSED: Kind.APPEAL_LAPSED,
}


@dataclass(frozen=True)
class AppealGround:
    """The current decision on a submission and the author's options."""

    decision: Decision
    appeal: Appeal | None
    until: datetime  # an appeal can be made before this
    at: datetime

    @property
    def holds(self) -> bool:
        """Return whether the decision withholds or hides anything."""
        return self.decision.outcome is not DecisionOutcome.PUBLISH or bool(self.decision.redactions)

    @property
    def open(self) -> bool:
        """Return whether an appeal can be filed now."""
        return self.holds and self.appeal is None and self.at < self.until


def get_ground(session: Session, submission: Submission, *, at: datetime | None = None) -> AppealGround | None:
    """Return the last decision in effect with its appeal, or None if the submission changed since."""
    row = session.execute(
        select(Decision, Appeal)
        .outerjoin(Appeal, Appeal.decision_id == Decision.id)
        .where(Decision.submission_id == submission.id, Decision.ended == DecisionEnd.TOOK_EFFECT)
        .order_by(Decision.id.desc())
        .limit(1)
    ).first()
    if row is None or service.OUTCOME_STATES[row[0].outcome] is not submission.state:
        return None
    return AppealGround(row[0], row[1], get_appeal_deadline(session, row[0]), at or now())


def list_appeals(session: Session, submission: Submission) -> Sequence[Appeal]:
    """Return the appeals on a submission, oldest first."""
    return session.scalars(select(Appeal).where(Appeal.submission_id == submission.id).order_by(Appeal.id)).all()


def file(session: Session, submission: Submission, *, words: str, at: datetime | None = None) -> Appeal:
    """File an appeal of the proven author, or return the existing one. Raises NothingToAppeal.

    The caller has found `submission` by its private link, its account or its recovery words.
    """
    row = service.lock_submission(session, submission.id)
    moment, said = at or now(), words.strip()
    ground = get_ground(session, row, at=moment)
    if ground is not None and ground.appeal is not None:
        return ground.appeal
    if ground is None or not ground.holds or service.get_open_decision(session, row.id) is not None:
        raise NothingToAppeal(_("There is no decision here that you can appeal against."))
    if not ground.open:
        raise NothingToAppeal(_("The time limit for an appeal against this decision has passed."))
    if not said:
        raise Refusal(_("Explain why another person should change the decision"), field="words")
    appeal = Appeal(
        submission_id=row.id,
        decision_id=ground.decision.id,
        revision=row.revision,
        received_at=moment,
        sealed=seal(said, salt=row.salt or b""),
        outcome=None,
        answered_at=None,
        answer="",
    )
    session.add(appeal)
    session.flush()
    ledger.record(
        session,
        Kind.APPEAL_FILED,
        subject_id=row.id,
        consultation_id=row.consultation_id,
        at=moment,
        reason=ground.decision.reason,
        detail={"policy": ground.decision.policy},
    )
    _send_letter(session, appeal, row, "appeal_received")
    return appeal


def unseal_words(appeal: Appeal, submission: Submission) -> str:
    """Return the text of the appeal, or "" if the submission was erased."""
    return unseal(appeal.sealed, salt=submission.salt) if submission.salt else ""


def answer(
    session: Session,
    *,
    moderator: Account,
    appeal_id: int,
    outcome: AppealOutcome,
    reasons: str,
    covers: Sequence[Redaction] = (),
    second: Account | None = None,
    delay: timedelta | None = None,
    at: datetime | None = None,
) -> Appeal:
    """Reject the appeal, or accept it: the submission is published as filed, or with `covers` hidden.

    With `delay` the answer can be undone until then; otherwise it applies immediately. A decision of two people needs
    `second` or, with `delay`, waits until `agree`. E-mails the author the reasons. Raises InvolvedInDecision,
    InterestedDecider, SubmissionChanged, AlreadyAnswered, SecondReaderNeeded, RedactionRefused.
    """
    appeal = _lock_appeal(session, appeal_id)
    submission, moment = service.lock_submission(session, appeal.submission_id), at or now()
    check_not_involved(session, moderator, appeal)
    _check_answerable(session, appeal, submission, reasons)
    alone = second is None and _check_second(session, appeal, submission, outcome, waits=bool(delay))
    people, words = (moderator, second), reasons.strip()
    if not delay:
        return _carry_out(session, appeal, submission, people, AppealOutcome(outcome), words, covers, moment)
    if outcome is AppealOutcome.ACCEPTED:
        covers = service.check_overrule(session, moderator=moderator, submission=submission, covers=covers)
    recourse_answers.schedule_answer(
        session,
        moderator=moderator,
        submission=submission,
        outcome=RecourseOutcome(outcome),
        words=words,
        covers=covers,
        delay=None if alone else delay,
        at=moment,
        appeal=appeal,
    )
    return appeal


def _check_second(
    session: Session, appeal: Appeal, submission: Submission, outcome: AppealOutcome, *, waits: bool
) -> bool:
    """Return whether a second person is needed. Raises SecondReaderNeeded if the answer cannot wait for one."""
    needed = outcome is AppealOutcome.ACCEPTED and needs_second_person(session, appeal, submission)
    if needed and not waits:
        raise service.SecondReaderNeeded(_("Two people made this decision, so two people must agree to change it."))
    return needed


def needs_second_person(session: Session, appeal: Appeal, submission: Submission) -> bool:
    """Return True if accepting this appeal needs two people: two decided, or two should have."""
    decision = session.get_one(Decision, appeal.decision_id)
    return decision.second_id is not None or service.needs_second_reader(submission, decision.outcome)


def agree(
    session: Session, *, second: Account, appeal_id: int, delay: timedelta, at: datetime | None = None
) -> RecourseAnswer:
    """Confirm an answer as the second person. Raises InvolvedInDecision, InterestedDecider, AlreadyAnswered."""
    held = _lock_proposed(session, second, appeal_id)
    held.second_id, held.due_at = second.id, (at or now()) + delay
    session.flush()
    return held


def disagree(session: Session, *, second: Account, appeal_id: int, at: datetime | None = None) -> None:
    """Reject an answer as the second person. The appeal waits again as if unanswered."""
    held = _lock_proposed(session, second, appeal_id)
    held.ended, held.ended_at = DecisionEnd.TAKEN_BACK, at or now()
    session.flush()


def _lock_proposed(session: Session, second: Account, appeal_id: int) -> RecourseAnswer:
    appeal = _lock_appeal(session, appeal_id)
    service.lock_submission(session, appeal.submission_id)
    check_not_involved(session, second, appeal)
    held = recourse_answers.lock_proposed(session, appeal_id)
    if held.moderator_id == second.id:
        raise InvolvedInDecision(_("You proposed this, so someone else must approve it."))
    return held


def _check_answerable(session: Session, appeal: Appeal, submission: Submission, reasons: str) -> None:
    """Raise a refusal if the appeal cannot be answered now with these reasons."""
    if appeal.outcome is not None:
        raise service.AlreadyAnswered
    if appeal.revision != submission.revision:
        raise service.SubmissionChanged
    if not reasons.strip():
        raise Refusal(_("Enter a reason. The author sees it."), field="reasons")
    recourse_answers.check_unanswered(session, submission.id)


def _carry_out(
    session: Session,
    appeal: Appeal,
    submission: Submission,
    people: tuple[Account, Account | None],
    outcome: AppealOutcome,
    reasons: str,
    covers: Sequence[Redaction],
    at: datetime,
) -> Appeal:
    moderator, second = people
    appeal.outcome, appeal.answered_at, appeal.moderator_id = outcome, at, moderator.id
    appeal.answer = reasons
    session.flush()
    if outcome is AppealOutcome.ACCEPTED:
        decision = service.overrule(
            session, moderator=moderator, second=second, submission=submission, note=reasons, covers=covers, at=at
        )
        appeal.result_id = decision.id
    _record_outcome(session, appeal, submission, moderator)
    _send_letter(session, appeal, submission, "appeal_answered")
    return appeal


def apply_due_answers(session: Session, *, at: datetime | None = None) -> int:
    """Apply answers whose undo delay is over, and return their number. Safe to repeat."""

    def carry_out(held: RecourseAnswer, moment: datetime) -> None:
        answer(
            session,
            moderator=session.get_one(Account, held.moderator_id),
            appeal_id=held.appeal_id or 0,
            outcome=AppealOutcome(held.outcome),
            reasons=held.words,
            covers=recourse_answers.load_redactions(held),
            second=session.get(Account, held.second_id) if held.second_id else None,
            at=moment,
        )

    return recourse_answers.apply_due(session, carry_out, to_appeals=True, at=at)


def lapse(session: Session, *, at: datetime | None = None) -> int:
    """Close appeals whose author changed, withdrew or erased the submission, and return their number."""
    rows = session.execute(
        select(Appeal, Submission)
        .join(Submission, Submission.id == Appeal.submission_id)
        .where(Appeal.outcome.is_(None), Appeal.revision != Submission.revision)
        .order_by(Appeal.id)
        .with_for_update(of=Appeal, skip_locked=True)
    ).all()
    for appeal, submission in rows:
        appeal.outcome, appeal.answered_at = AppealOutcome.LAPSED, at or now()
        _record_outcome(session, appeal, submission, None)
    return len(rows)


def get_involved(session: Session, appeal: Appeal) -> set[int]:
    """Return the ids of accounts that took part in the decision: decider, second reader, proposer of a batch."""
    decision = session.get_one(Decision, appeal.decision_id)
    batch = session.get(Batch, decision.batch_id) if decision.batch_id else None
    people = [decision.moderator_id, decision.second_id]
    people += [batch.moderator_id, batch.second_id] if batch else []
    return {person for person in people if person is not None}


def check_not_involved(session: Session, moderator: Account, appeal: Appeal) -> None:
    """Raise InvolvedInDecision or InterestedDecider if the moderator decided on, or filed, the submission."""
    require_allowed(Allow.MODERATOR, moderator.role)
    if moderator.id in get_involved(session, appeal):
        raise InvolvedInDecision(_("You took part in this decision, so another moderator must decide the appeal."))
    service.check_not_own(session, appeal.submission_id, moderator)


def _lock_appeal(session: Session, appeal_id: int) -> Appeal:
    appeal = session.get(Appeal, appeal_id, with_for_update=True, populate_existing=True)
    if appeal is None:
        raise NotFound(_("We cannot find this appeal."))
    return appeal


def _record_outcome(session: Session, appeal: Appeal, submission: Submission, moderator: Account | None) -> None:
    outcome = appeal.outcome or AppealOutcome.LAPSED
    ledger.record(
        session,
        ENTRIES[outcome],
        subject_id=submission.id,
        consultation_id=submission.consultation_id,
        actor=pseudonym("account", moderator.id) if moderator else None,
        at=appeal.answered_at,
        reason=session.get_one(Decision, appeal.decision_id).reason,
    )


def _send_letter(session: Session, appeal: Appeal, submission: Submission, letter: str) -> None:
    result = session.get(Decision, appeal.result_id) if appeal.result_id else None
    hidden = letters.list_hidden_words(session, result.redactions if result else None)
    letters.post_to_author(
        session,
        submission,
        f"{letter}:{appeal.id}",
        f"decisions/mail/{letter}",
        outcome=appeal.outcome,
        answer=appeal.answer,
        hidden=hidden,
        reasons=load_names(session, [code for _words, code in hidden]),
    )
