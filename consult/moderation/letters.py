"""E-mails to authors about decisions and their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.decisions.letters import get_appeal_deadline
from consult.decisions.reasons import load_names
from consult.mail import service as mail
from consult.moderation.model import Batch, Decision, DecisionOutcome
from consult.moderation.redaction import Redaction
from consult.submissions import service as submissions
from consult.submissions.model import Comment, Submission


def notify_author(session: Session, submission: Submission, decision: Decision) -> None:
    """E-mail the author, if an address is known: the decision, its reason, the note, and the hidden words."""
    hidden = list_hidden_words(session, decision.redactions)
    held = decision.outcome is not DecisionOutcome.PUBLISH or decision.redactions
    post_to_author(
        session,
        submission,
        f"decision:{decision.id}",
        "moderation/mail/decided",
        outcome=decision.outcome,
        reason=decision.reason,
        note=decision.note,
        hidden=hidden,
        reasons=load_names(session, [decision.reason, *(code for _words, code in hidden)]),
        as_letter=_is_campaign_decision(session, decision),
        policy=decision.policy,
        appeal_until=get_appeal_deadline(session, decision) if held else None,
    )


def post_to_author(session: Session, submission: Submission, key: str, template: str, **context: Any) -> None:
    """E-mail the author of a submission once for each key, if an address is known.

    The e-mail links to the private page of the submission, or to the public one once the submission is erased.
    """
    address = submissions.author_address(session, submission)
    if address is None:
        return
    consultation = session.get_one(Consultation, submission.consultation_id)
    is_open = bool(submission.salt)
    values = {"reference": submission.reference}
    values |= {"secret": submissions.author_secret(submission)} if is_open else {}
    mail.post(
        session,
        key=key,
        to=address[0],
        language=address[1],
        template=template,
        reference=submission.reference,
        title=consultation.title,
        slug=consultation.slug,
        zone=consultation.timezone,
        page="trace.story" if is_open else "trace.public",
        page_values=values,
        appeal_page="trace.appeal" if is_open else None,
        appeal_values=values,
        submission=True,
        **context,
    )


def list_hidden_words(session: Session, redactions: Sequence[Any] | None) -> list[tuple[str, str]]:
    """Return the words hidden by a decision, each with its reason code."""
    covers = [Redaction(**row) for row in redactions or ()]
    if not covers:
        return []
    wanted = {cover.comment for cover in covers}
    rows = session.execute(select(Comment.id, Comment.body).where(Comment.id.in_(wanted)))
    bodies = {row.id: row.body for row in rows}
    return [(bodies.get(cover.comment, "")[cover.start : cover.end], cover.reason) for cover in covers]


def _is_campaign_decision(session: Session, decision: Decision) -> bool:
    """Return whether the decision covers all copies of a campaign letter."""
    batch = session.get(Batch, decision.batch_id) if decision.batch_id else None
    return batch is not None and batch.campaign_id is not None
