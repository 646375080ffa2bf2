"""What a submission says as a draft of it would, and what it said before its author changed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from consult.core.crypto import seal, unseal
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.submissions import evidence, lists
from consult.submissions.anchors import anchor_of
from consult.submissions.content import Answer, NewComment
from consult.submissions.made import Made
from consult.submissions.model import Comment, FormerWords, Submission
from consult.submissions.writing import WHOLE, About, Note, Writing, from_json, to_json


@dataclass(frozen=True)
class Earlier:
    """A version that was replaced; `until` is when."""

    number: int
    until: datetime
    writing: Writing
    reply: str = ""  # what its author said to the moderator in sending it in again


class NothingSaid(Refusal):
    """What was returned is sent in again as it was, and without a reply."""


def writing_of(session: Session, submission: Submission) -> Writing:
    """The words of a submission as they stand, as the draft of a change of them."""
    found, _rendered, carried = lists.translated_comments(session, [submission.id])
    said = found.get(submission.id, [])
    return Writing(
        {
            row.provision_id or WHOLE: _note(row, carried.get(row.id))
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


def _note(row: Comment, made: Made | None) -> Note:
    carried = made if made and made.was != made.now else None
    note = Note(row.body, row.stance, anchor_of(row.anchor))
    return replace(note, was=carried.was, chose=carried.anchor) if carried else note


def words_to_file(writing: Writing) -> tuple[list[NewComment], list[Answer]]:
    """The comments and answers of a draft as they are filed."""
    comments = [
        NewComment(place or None, said.stance, said.body, anchor=said.anchor, was=said.was, chose=said.chose)
        for place, said in writing.comments.items()
    ]
    return comments, [
        Answer(question, body, tuple(writing.chosen.get(question, ()))) for question, body in writing.answers.items()
    ]


def keep(session: Session, submission: Submission, *, until: datetime, reply: str = "") -> Writing:
    """Seals the present words of a submission away, before others take their place, with the author's `reply`."""
    last = session.scalar(
        select(func.max(FormerWords.number)).where(FormerWords.submission_id == submission.id)
    )  # fmt: skip
    writing, salt = writing_of(session, submission), submission.salt or b""
    session.add(
        FormerWords(
            submission_id=submission.id, number=(last or 0) + 1, until=until, sealed=seal(to_json(writing), salt=salt),
            reply=seal(reply.strip(), salt=salt) if reply.strip() else None,
        )
    )  # fmt: skip
    return writing


def check_changed(session: Session, submission: Submission, before: Writing) -> None:
    """Raises NothingSaid where a submission says just what it said before."""
    if _plain(writing_of(session, submission)) == _plain(before):
        raise NothingSaid(_("Change something, or answer the moderator."), field="reply")


def _plain(writing: Writing) -> Writing:
    """Without the keys of its evidence, which are drawn anew each time it is read."""
    return replace(writing, evidence=tuple(replace(item, key="") for item in writing.evidence))


def last_reply() -> ScalarSelect[bytes | None]:
    """What the author said when it was last sent in again, sealed: a column beside Submission."""
    return (
        select(FormerWords.reply)
        .where(FormerWords.submission_id == Submission.id)
        .order_by(FormerWords.number.desc())
        .limit(1)
        .correlate(Submission)
        .scalar_subquery()
    )


def opened(reply: bytes | None, submission: Submission) -> str:
    """A reply in words; none once the submission is erased."""
    return unseal(reply, salt=submission.salt) if reply and submission.salt else ""


def earlier(session: Session, submission: Submission) -> Sequence[Earlier]:
    """The versions that were replaced, the oldest first: for the author and for moderators."""
    rows = session.scalars(
        select(FormerWords).where(FormerWords.submission_id == submission.id).order_by(FormerWords.number)
    )
    salt = submission.salt or b""
    return [
        Earlier(row.number, row.until, from_json(unseal(row.sealed, salt=salt)), opened(row.reply, submission))
        for row in rows
    ]
