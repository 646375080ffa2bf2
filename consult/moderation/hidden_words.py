"""Redactions of a submission: checked against its comments, applied and read back."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.moderation.model import Decision
from consult.moderation.redaction import Redaction, list_redactions, redact
from consult.submissions.content import records
from consult.submissions.evidence import service as evidence
from consult.submissions.model import Comment, State, Submission


class RedactionRefused(Refusal):
    """The words cannot be hidden, because they are not in this submission."""


def apply_redactions(session: Session, submission: Submission, decision: Decision) -> bytes | None:
    """Apply the redactions of a decision. Words hidden only by an earlier decision are shown again.

    Returns the commitment to the hidden words, or None if there are none.
    """
    hidden: list[tuple[int, int, int, str]] = []
    covers = [Redaction(**row) for row in decision.redactions or ()]
    for comment in session.scalars(select(Comment).where(Comment.submission_id == submission.id)):
        own = [cover for cover in covers if cover.comment == comment.id]
        if own:
            comment.redacted_body = redact(comment.body, own)
            comment.redactions = [{"start": c.start, "end": c.end, "reason": c.reason} for c in own]
            hidden += [(comment.position, c.start, c.end, c.reason) for c in own]
        elif comment.redacted_body is not None:
            comment.redacted_body, comment.redactions = None, []
    if submission.state is State.PUBLISHED:
        session.flush()
        evidence.set_shown(session, submission, shown=True)
    return (
        records.hash_record(submission.salt, records.redaction_record(submission.reference, hidden)) if hidden else None
    )


def get_current_redactions(session: Session, submission_id: int) -> list[Redaction]:
    rows = session.execute(
        select(Comment.id, Comment.redactions)
        .where(Comment.submission_id == submission_id, Comment.redactions.is_not(None))
        .order_by(Comment.position)
    )
    return list_redactions((row.id, row.redactions) for row in rows)


def list_with_hidden_words(session: Session, submission_ids: Collection[int]) -> set[int]:
    """Return the submissions that have hidden words.

    They are decided one by one, because the ledger entry of each holds the commitment to its hidden words.
    """
    hidden = select(Comment.submission_id).where(
        Comment.submission_id.in_(submission_ids), Comment.redacted_body.is_not(None)
    )
    return set(session.scalars(hidden))


def check_redactions(session: Session, submission: Submission, covers: Sequence[Redaction]) -> None:
    if not covers:
        return
    rows = session.execute(select(Comment.id, Comment.body).where(Comment.submission_id == submission.id))
    bodies = {row.id: row.body for row in rows}
    for cover in covers:
        body = bodies.get(cover.comment)
        if body is None or not 0 <= cover.start < cover.end <= len(body):
            raise RedactionRefused(_("These words are no longer in the submission. Choose them again."))
    if all(len(body) == sum(c.end - c.start for c in covers if c.comment == id) for id, body in bodies.items()):
        raise RedactionRefused(
            _("This would hide the whole submission. Choose “Do not publish” instead and give the reason.")
        )
