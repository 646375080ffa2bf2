"""The verbs of an appeal: the author makes it, somebody who had no part in the decision answers it, with reasons.

While it waits the decision stands and nobody else decides on the submission.
See docs/decisions/0018-appeals-and-reports.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.access import Allow, demand
from consult.core.clock import now
from consult.core.crypto import pseudonym, seal, unseal
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.mail import service as mail
from consult.moderation import letters, service
from consult.moderation.model import Batch, Decision, Ended, Outcome
from consult.moderation.recourse import Appeal, AppealOutcome
from consult.moderation.redaction import Cover
from consult.submissions import service as submissions
from consult.submissions.model import State, Submission

ENTRIES = {
    AppealOutcome.UPHELD: Kind.APPEAL_UPHELD,
    AppealOutcome.OVERTURNED: Kind.APPEAL_OVERTURNED,
    AppealOutcome.LAPSED: Kind.APPEAL_LAPSED,
}


class NotForYou(Forbidden):
    """Whoever had a part in the decision does not answer the appeal against it."""


class NothingToAppeal(Conflict):
    """There is no decision that holds something back, or the time for an appeal is over."""


@dataclass(frozen=True)
class Ground:
    """The decision that stands on a submission, and what its author can do about it."""

    decision: Decision
    appeal: Appeal | None
    until: datetime  # an appeal can be made before this
    at: datetime

    @property
    def holds(self) -> bool:
        """Whether something is held back by it."""
        return self.decision.outcome is not Outcome.PUBLISH or bool(self.decision.redactions)

    @property
    def open(self) -> bool:
        """Whether an appeal can be made now."""
        return self.holds and self.appeal is None and self.at < self.until


def ground(session: Session, submission: Submission, *, at: datetime | None = None) -> Ground | None:
    """The last decision that took effect, with the appeal against it; None where something has happened since."""
    row = session.execute(
        select(Decision, Appeal)
        .outerjoin(Appeal, Appeal.decision_id == Decision.id)
        .where(Decision.submission_id == submission.id, Decision.ended == Ended.TOOK_EFFECT)
        .order_by(Decision.id.desc())
        .limit(1)
    ).first()
    if row is None or service.STATES[row[0].outcome] is not submission.state:
        return None
    return Ground(row[0], row[1], letters.appeal_until(session, row[0]), at or now())


def of_submission(session: Session, submission: Submission) -> Sequence[Appeal]:
    """The appeals made so far, the oldest first."""
    return session.scalars(select(Appeal).where(Appeal.submission_id == submission.id).order_by(Appeal.id)).all()


def file(session: Session, submission: Submission, *, words: str, at: datetime | None = None) -> Appeal:
    """An appeal by whoever has shown to be the author. Made twice it is one. Raises NothingToAppeal.

    The caller has found `submission` by its secret, its account or its seven words.
    """
    row = service.locked(session, submission.id)
    moment, said = at or now(), words.strip()
    found = ground(session, row, at=moment)
    if found is not None and found.appeal is not None:
        return found.appeal
    if found is None or not found.holds or service.open_decision(session, row.id) is not None:
        raise NothingToAppeal(_("Nothing is held back by a decision that you could appeal against."))
    if not found.open:
        raise NothingToAppeal(_("The time for an appeal against this decision is over."))
    if not said:
        raise Refusal(_("Say why somebody else should decide otherwise"), field="words")
    appeal = Appeal(
        submission_id=row.id, decision_id=found.decision.id, revision=row.revision, received_at=moment,
        sealed=seal(said, salt=row.salt or b""), outcome=None, answered_at=None, answer="",
    )  # fmt: skip
    session.add(appeal)
    session.flush()
    ledger.record(
        session, Kind.APPEAL_FILED, subject_id=row.id, consultation_id=row.consultation_id, at=moment,
        reason=found.decision.reason, detail={"policy": found.decision.policy},
    )  # fmt: skip
    _write(session, appeal, row, "appeal_received")
    return appeal


def words_of(appeal: Appeal, submission: Submission) -> str:
    """What the author said; nothing once the submission is erased."""
    return unseal(appeal.sealed, salt=submission.salt) if submission.salt else ""


def answer(
    session: Session, *, moderator: Account, appeal_id: int, outcome: AppealOutcome, reasons: str,
    covers: Sequence[Cover] = (), at: datetime | None = None,
) -> Appeal:  # fmt: skip
    """Upholds the decision, or overturns it: the submission is published as it was filed, or with `covers` hidden.

    Tells the author why. Raises NotForYou for whoever had a part in the decision, OwnWords, Stale where the author has
    changed it meanwhile, Conflict where it was answered, and CoverRefused.
    """
    appeal = _locked(session, appeal_id)
    submission, moment = service.locked(session, appeal.submission_id), at or now()
    check_not_involved(session, moderator, appeal)
    if appeal.outcome is not None:
        raise service.Answered
    if appeal.revision != submission.revision:
        raise service.Stale
    if not reasons.strip():
        raise Refusal(_("Say why: the author is told it."), field="reasons")
    appeal.outcome, appeal.answered_at, appeal.moderator_id = AppealOutcome(outcome), moment, moderator.id
    appeal.answer = reasons.strip()
    session.flush()
    if appeal.outcome is AppealOutcome.OVERTURNED:
        decision = service.overrule(
            session, moderator=moderator, submission=submission, note=reasons, covers=covers, at=moment
        )
        appeal.result_id = decision.id
    _record(session, appeal, submission, moderator)
    _write(session, appeal, submission, "appeal_answered")
    return appeal


def lapse(session: Session, *, at: datetime | None = None) -> int:
    """Ends the appeals whose author changed, withdrew or erased the submission first; gives how many."""
    rows = session.execute(
        select(Appeal, Submission)
        .join(Submission, Submission.id == Appeal.submission_id)
        .where(Appeal.outcome.is_(None), Appeal.revision != Submission.revision)
        .order_by(Appeal.id)
        .with_for_update(of=Appeal, skip_locked=True)
    ).all()
    for appeal, submission in rows:
        appeal.outcome, appeal.answered_at = AppealOutcome.LAPSED, at or now()
        _record(session, appeal, submission, None)
    return len(rows)


def involved(session: Session, appeal: Appeal) -> set[int]:
    """The accounts that had a part in the decision: who made it, who confirmed it, who proposed it for many."""
    decision = session.get_one(Decision, appeal.decision_id)
    batch = session.get(Batch, decision.batch_id) if decision.batch_id else None
    people = [decision.moderator_id, decision.second_id]
    people += [batch.moderator_id, batch.second_id] if batch else []
    return {person for person in people if person is not None}


def check_not_involved(session: Session, moderator: Account, appeal: Appeal) -> None:
    """Raises NotForYou and OwnWords: nobody judges what they did, or what they filed."""
    demand(Allow.MODERATOR, moderator.role)
    if moderator.id in involved(session, appeal):
        raise NotForYou(_("You had a part in this decision: somebody else must answer the appeal."))
    service.check_not_own(session, appeal.submission_id, moderator)


def _locked(session: Session, appeal_id: int) -> Appeal:
    appeal = session.get(Appeal, appeal_id, with_for_update=True, populate_existing=True)
    if appeal is None:
        raise NotFound(_("There is no such appeal."))
    return appeal


def _record(session: Session, appeal: Appeal, submission: Submission, moderator: Account | None) -> None:
    outcome = appeal.outcome or AppealOutcome.LAPSED
    ledger.record(
        session, ENTRIES[outcome], subject_id=submission.id, consultation_id=submission.consultation_id,
        actor=pseudonym("account", moderator.id) if moderator else None, at=appeal.answered_at,
        reason=session.get_one(Decision, appeal.decision_id).reason,
    )  # fmt: skip


def _write(session: Session, appeal: Appeal, submission: Submission, letter: str) -> None:
    address = submissions.author_address(session, submission)
    if address is None:
        return
    result = session.get(Decision, appeal.result_id) if appeal.result_id else None
    consultation = session.get_one(Consultation, submission.consultation_id)
    mail.post(
        session, key=f"{letter}:{appeal.id}", to=address[0], language=address[1], template=f"moderation/mail/{letter}",
        reference=submission.reference, title=consultation.title, outcome=appeal.outcome, answer=appeal.answer,
        secret=submissions.author_secret(submission) if submission.salt else None,
        hidden=letters.hidden_words(session, result.redactions if result else None),
        published=submission.state is State.PUBLISHED,
    )  # fmt: skip
