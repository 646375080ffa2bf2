"""What a submission says as a draft of it would, and what it said before its author changed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.core.crypto import seal, unseal
from consult.submissions import evidence
from consult.submissions.anchors import anchor_of
from consult.submissions.content import Answer, NewComment
from consult.submissions.model import Comment, FormerWords, Submission
from consult.submissions.writing import WHOLE, About, Note, Writing, from_json, to_json


@dataclass(frozen=True)
class Earlier:
    """A version that was replaced; `until` is when."""

    number: int
    until: datetime
    writing: Writing


def writing_of(session: Session, submission: Submission) -> Writing:
    """The words of a submission as they stand, as the draft of a change of them."""
    said = session.scalars(
        select(Comment).where(Comment.submission_id == submission.id).order_by(Comment.position)
    ).all()
    return Writing(
        {
            row.provision_id or WHOLE: Note(row.body, row.stance, anchor_of(row.anchor))
            for row in said if row.question_id is None
        },
        {row.question_id: row.body for row in said if row.question_id is not None},
        About(
            submission.name_rule, submission.organisation_id, submission.organisation_name or "",
            submission.person_name or "", submission.country or "", "", submission.language,
        ),
        submission.id,
        {row.question_id: row.answer["chosen"] for row in said if row.question_id is not None and row.answer},
        evidence=evidence.as_items(session, submission.id),
    )  # fmt: skip


def words_to_file(writing: Writing) -> tuple[list[NewComment], list[Answer]]:
    """The comments and answers of a draft as they are filed."""
    comments = [
        NewComment(place or None, said.stance, said.body, anchor=said.anchor)
        for place, said in writing.comments.items()
    ]
    return comments, [
        Answer(question, body, tuple(writing.chosen.get(question, ()))) for question, body in writing.answers.items()
    ]


def keep(session: Session, submission: Submission, *, until: datetime) -> None:
    """Seals the present words of a submission away, before others take their place."""
    last = session.scalar(
        select(func.max(FormerWords.number)).where(FormerWords.submission_id == submission.id)
    )  # fmt: skip
    words = seal(to_json(writing_of(session, submission)), salt=submission.salt or b"")
    session.add(FormerWords(submission_id=submission.id, number=(last or 0) + 1, until=until, sealed=words))


def earlier(session: Session, submission: Submission) -> Sequence[Earlier]:
    """The versions that were replaced, the oldest first: for the author and for moderators."""
    rows = session.scalars(
        select(FormerWords).where(FormerWords.submission_id == submission.id).order_by(FormerWords.number)
    )
    salt = submission.salt or b""
    return [Earlier(row.number, row.until, from_json(unseal(row.sealed, salt=salt))) for row in rows]
