"""Earlier versions of a submission, and conversion of a submission to a draft."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from consult.core.crypto import seal, unseal
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.submissions import fields
from consult.submissions.anchors.original import OriginalAnchor
from consult.submissions.anchors.paper_place import paper_place_of
from consult.submissions.anchors.selectors import anchor_of
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.draft import WHOLE_DRAFT, DraftComment, DraftContent, comment_key, from_json, to_json
from consult.submissions.evidence import service as evidence
from consult.submissions.model import Comment, FormerWords, State, Submission


@dataclass(frozen=True)
class EarlierRevision:
    """An earlier version, replaced at `until`."""

    number: int
    until: datetime
    writing: DraftContent
    reply: str = ""  # the author's message to the moderator on sending it in again
    answer_alone: bool = False  # sent in again without a change


class UnchangedSubmission(Refusal):
    """A submission was sent again without a change, and without a message to the moderator who returned it."""


def to_draft_content(session: Session, submission: Submission) -> DraftContent:
    """Return the current content of a submission as a draft for changing it."""
    found, _rendered, carried = comments_queries.translated_comments(session, [submission.id])
    said = found.get(submission.id, [])
    return DraftContent(
        _by_key((row, _note(row, carried.get(row.id))) for row in said if row.question_id is None and not row.paper),
        {row.question_id: row.body for row in said if row.question_id is not None},
        fields.read_columns(submission),
        submission.id,
        {row.question_id: row.answer["chosen"] for row in said if row.question_id is not None and row.answer},
        evidence=evidence.load_items(session, submission.id),
        paper=tuple(row.body for row in said if row.paper),
    )


def _by_key(said: Iterable[tuple[Comment, DraftComment]]) -> dict[int, DraftComment]:
    """Return the comments of a submission by key. Those on the same provision keep their order."""
    comments: dict[int, DraftComment] = {}
    often: Counter[int] = Counter()
    for row, note in said:
        place = row.provision_id or WHOLE_DRAFT
        comments[comment_key(place, often[place])] = note
        often[place] += 1
    return comments


def _note(row: Comment, made: OriginalAnchor | None) -> DraftComment:
    carried = made if made and made.was != made.now else None
    note = DraftComment(
        row.body,
        row.stance,
        anchor_of(row.anchor),
        amendment=row.amendment,
        agrees_with=row.agrees_with,
        paper_place=paper_place_of(row.paper_place),
    )
    return replace(note, was=carried.was, chose=carried.anchor) if carried else note


def keep_revision(session: Session, submission: Submission, *, until: datetime, reply: str = "") -> DraftContent:
    """Store the current content of a submission, sealed, before it is replaced, with the author's `reply`."""
    last = session.scalar(select(func.max(FormerWords.number)).where(FormerWords.submission_id == submission.id))
    writing, salt = to_draft_content(session, submission), submission.salt or b""
    session.add(
        FormerWords(
            submission_id=submission.id,
            number=(last or 0) + 1,
            until=until,
            sealed=seal(to_json(writing), salt=salt),
            reply=seal(reply.strip(), salt=salt) if reply.strip() else None,
        )
    )
    return writing


def is_changed(session: Session, submission: Submission, before: DraftContent) -> bool:
    """Return whether the content or its order has changed."""
    after = to_draft_content(session, submission)
    ordered = list(after.comments) == list(before.comments) and list(after.answers) == list(before.answers)
    return not ordered or _plain(after) != _plain(before)


def check_reply(was: State, reply: str) -> None:
    """Raise UnchangedSubmission unless an unchanged submission was returned and has a message to the moderator."""
    if was is not State.RETURNED:
        raise UnchangedSubmission(_("You changed nothing, so we did not send the submission again."))
    if not reply.strip():
        raise UnchangedSubmission(_("Change something, or write a message to the moderator."), field="reply")


def _plain(writing: DraftContent) -> DraftContent:
    """Return the content without evidence keys, which are drawn again at each read."""
    return replace(writing, evidence=tuple(replace(item, key="") for item in writing.evidence))


def last_reply_column() -> ScalarSelect[bytes | None]:
    """Return a column with the sealed message of the last sending."""
    return (
        select(FormerWords.reply)
        .where(FormerWords.submission_id == Submission.id)
        .order_by(FormerWords.number.desc())
        .limit(1)
        .correlate(Submission)
        .scalar_subquery()
    )


def unseal_reply(reply: bytes | None, submission: Submission) -> str:
    """Return a decrypted message, or "" once the submission is erased."""
    return unseal(reply, salt=submission.salt) if reply and submission.salt else ""


def list_revisions(session: Session, submission: Submission) -> Sequence[EarlierRevision]:
    """Return the earlier versions, oldest first, for the author and moderators."""
    rows = session.scalars(
        select(FormerWords).where(FormerWords.submission_id == submission.id).order_by(FormerWords.number)
    )
    salt = submission.salt or b""
    return [
        EarlierRevision(
            row.number, row.until, from_json(unseal(row.sealed, salt=salt)), unseal_reply(row.reply, submission)
        )
        for row in rows
    ]
