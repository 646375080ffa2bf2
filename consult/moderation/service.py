"""The verb of moderation: decide. One decision on one state of a submission, by somebody whose words they are not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership
from consult.consultations.model import Consultation
from consult.core.access import Allow, permits
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.mail import service as mail
from consult.moderation.model import Decision, Outcome, Reason
from consult.submissions import service as submissions
from consult.submissions.model import Contact, State, Submission

STATES = {Outcome.PUBLISH: State.PUBLISHED, Outcome.RETURN: State.RETURNED, Outcome.WITHHOLD: State.WITHHELD}
_LETTERS = {Outcome.PUBLISH: "published", Outcome.RETURN: "returned", Outcome.WITHHOLD: "withheld"}


class Stale(Conflict):
    """The submission is no longer what the moderator read: decided by a colleague, or changed by its author."""


class OwnWords(Forbidden):
    """Nobody decides on what they, or an organisation of theirs, have filed."""


class ReasonMissing(Refusal):
    """What is not published is not published for a reason that can be told."""


def decide(
    session: Session,
    *,
    moderator: Account,
    submission_id: int,
    revision: int,
    outcome: Outcome,
    reason: Reason | None = None,
    note: str = "",
    at: datetime | None = None,
) -> Decision:
    """Publishes, returns or withholds the submission as it was read at `revision`, and writes to its author why.

    The row is locked first, so of two moderators at once the second waits, and is then told by Stale what happened.
    Raises OwnWords, ReasonMissing, and MoveNotAllowed where the books know no such move.
    """
    if not permits(Allow.MODERATOR, moderator.role):
        raise Forbidden(_("Your account may not open this page. Ask an administrator for the role it needs."))
    moment = at or now()
    submission = session.get(Submission, submission_id, with_for_update=True, populate_existing=True)
    if submission is None:
        raise NotFound(_("There is no such submission."))
    if session.scalar(select(Submission.id).where(Submission.id == submission_id, own_words(moderator))) is not None:
        raise OwnWords(_("This was filed by you or an organisation of yours: another moderator must decide on it."))
    if submission.revision != revision:
        raise Stale(_("This submission has changed since you opened it."))
    if outcome is not Outcome.PUBLISH and reason is None:
        raise ReasonMissing(_("Choose the reason: the author is told it, and it is counted in public."), field="reason")
    given = None if outcome is Outcome.PUBLISH else reason
    actor = pseudonym("account", moderator.id)
    submissions.settle(session, submission, state=STATES[outcome], actor=actor, reason=given, at=moment)
    decision = Decision(
        submission_id=submission.id, revision=revision, moderator_id=moderator.id, outcome=outcome, reason=given,
        note=note.strip(), at=moment,
    )  # fmt: skip
    session.add(decision)
    session.flush()
    _tell_the_author(session, submission, decision)
    return decision


def own_words(moderator: Account) -> ColumnElement[bool]:
    """Of a submission: filed from this account, for an organisation of theirs, or with their address as contact."""
    theirs = select(Membership.organisation_id).where(Membership.account_id == moderator.id)
    reached = select(Contact.id).where(Contact.email_index == moderator.email_index)
    return or_(
        Submission.account_id.is_not_distinct_from(moderator.id),
        Submission.organisation_id.is_not(None) & Submission.organisation_id.in_(theirs),
        Submission.contact_id.is_not(None) & Submission.contact_id.in_(reached),
    )


def _tell_the_author(session: Session, submission: Submission, decision: Decision) -> None:
    address = submissions.author_address(session, submission)
    if address is None:
        return
    consultation = session.get_one(Consultation, submission.consultation_id)
    mail.post(
        session, key=f"decision:{decision.id}", to=address[0], language=address[1],
        template=f"moderation/mail/{_LETTERS[decision.outcome]}", reference=submission.reference,
        secret=submissions.author_secret(submission) if submission.salt else None, title=consultation.title,
        slug=consultation.slug, reason=decision.reason, note=decision.note,
    )  # fmt: skip
