"""Letters to authors about decisions and their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.mail import service as mail
from consult.moderation.model import Batch, Decision, DecisionOutcome
from consult.moderation.policy import service as policy
from consult.moderation.policy.reasons import load_names
from consult.moderation.redaction import Redaction
from consult.submissions import service as submissions
from consult.submissions.model import Comment, Submission

_LETTERS = {
    DecisionOutcome.PUBLISH: "published",
    DecisionOutcome.RETURN: "returned",
    DecisionOutcome.WITHHOLD: "withheld",
}


def notify_author(session: Session, submission: Submission, decision: Decision) -> None:
    """Writes to the author, where there is an address: the decision, its reason, the note, and what is hidden."""
    address = submissions.author_address(session, submission)
    if address is None:
        return
    consultation = session.get_one(Consultation, submission.consultation_id)
    hidden = list_hidden_words(session, decision.redactions)
    held = decision.outcome is not DecisionOutcome.PUBLISH or decision.redactions
    mail.post(
        session,
        key=f"decision:{decision.id}",
        to=address[0],
        language=address[1],
        template=f"moderation/mail/{_LETTERS[decision.outcome]}",
        reference=submission.reference,
        secret=submissions.author_secret(submission) if submission.salt else None,
        title=consultation.title,
        slug=consultation.slug,
        reason=decision.reason,
        note=decision.note,
        hidden=hidden,
        reasons=load_names(session, [decision.reason, *(code for _words, code in hidden)]),
        as_letter=_is_campaign_decision(session, decision),
        policy=decision.policy,
        appeal_until=get_appeal_deadline(session, decision) if held else None,
        zone=consultation.timezone,
    )


def get_appeal_deadline(session: Session, decision: Decision) -> datetime:
    """Before this its author can appeal against it, as the policy says that it names."""
    days = policy.get_version(session, decision.policy).appeal_days
    return (decision.ended_at or decision.at) + timedelta(days=days)


def list_hidden_words(session: Session, redactions: Sequence[Any] | None) -> list[tuple[str, str]]:
    """The words that a decision hides from the public, each with the code of its reason."""
    covers = [Redaction(**row) for row in redactions or ()]
    if not covers:
        return []
    wanted = {cover.comment for cover in covers}
    rows = session.execute(select(Comment.id, Comment.body).where(Comment.id.in_(wanted)))
    bodies = {row.id: row.body for row in rows}
    return [(bodies.get(cover.comment, "")[cover.start : cover.end], cover.reason) for cover in covers]


def _is_campaign_decision(session: Session, decision: Decision) -> bool:
    """Whether this was decided for all copies of one letter together."""
    batch = session.get(Batch, decision.batch_id) if decision.batch_id else None
    return batch is not None and batch.campaign_id is not None
