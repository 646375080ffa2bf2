"""Letters that many send: read once, decided once; what people added to them is read by itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.text import excerpt
from consult.moderation import batches
from consult.moderation.model import Batch, LetterDecision, Progress, Queue, Waiting
from consult.moderation.service import Verdict
from consult.submissions.model import Comment, State, Submission

PAGE = 50
ADDITIONS = 50
_SHORTEST = 80  # characters: a shorter text is contained in many that are no copy of it


@dataclass(frozen=True)
class Letter:
    """A text that many sent: how many of its copies wait, and since when."""

    consultation_id: int
    slug: str
    title: str
    text_hash: bytes
    waiting: int
    since: datetime
    words: str
    language: str

    @property
    def key(self) -> str:
        """For addresses."""
        return self.text_hash.hex()


@dataclass(frozen=True)
class Addition:
    """A submission that holds a letter's words and says something more."""

    submission_id: int
    reference: str
    before: str
    after: str
    language: str
    waiting: bool


@dataclass(frozen=True)
class LetterCase:
    """One letter as a moderator decides on it."""

    letter: Letter
    states: dict[str, int]  # how many copies stand where
    additions: Sequence[Addition]
    batch: Batch | None  # the decision that stands, or that waits for a second reader


def letters(session: Session) -> list[Letter]:
    """Letters with copies that wait, those with most copies first. One statement, and one for their words."""
    groups = session.execute(
        select(
            Waiting.consultation_id, Consultation.slug, Consultation.title, Waiting.text_hash, func.count(),
            func.min(Waiting.received_at), func.min(Waiting.submission_id),
        )
        .join(Consultation, Consultation.id == Waiting.consultation_id)
        .where(Waiting.queue == Queue.SAME)
        .group_by(Waiting.consultation_id, Consultation.slug, Consultation.title, Waiting.text_hash)
        .order_by(func.count().desc(), func.min(Waiting.submission_id))
        .limit(PAGE)
    ).all()  # fmt: skip
    first = select(Comment.submission_id, Comment.body, Comment.language).where(
        Comment.submission_id.in_([row[6] for row in groups]), Comment.position == 0
    )
    words = {row.submission_id: (row.body, row.language) for row in session.execute(first)}
    return [Letter(*row[:6], *words.get(row[6], ("", "en"))) for row in groups]


def letter(session: Session, slug: str, key: str) -> LetterCase:
    """One letter with its copies and what was added to it. Raises NotFound."""
    text_hash = _hash(key)
    row = session.execute(
        select(
            Submission.consultation_id, Consultation.title, func.min(Submission.id), func.min(Submission.received_at)
        )
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .where(Consultation.slug == slug, Submission.text_hash == text_hash, Submission.state != State.ERASED)
        .group_by(Submission.consultation_id, Consultation.title)
    ).first()
    if row is None:
        raise NotFound(_("There is no such letter."))
    said = session.scalars(select(Comment).where(Comment.submission_id == row[2]).order_by(Comment.position)).all()
    words = "\n\n".join(comment.body for comment in said)
    same = [Submission.consultation_id == row[0], Submission.text_hash == text_hash]
    counted = session.execute(select(Submission.state, func.count()).where(*same).group_by(Submission.state))
    states = {str(state): n for state, n in counted}
    waits = states.get(State.PENDING, 0)
    found = Letter(row[0], slug, row[1], text_hash, waits, row[3], words, said[0].language if said else "en")
    return LetterCase(found, states, _additions(session, found, said), standing(session, row[0], text_hash))


def decide(
    session: Session, *, moderator: Account, slug: str, key: str, verdict: Verdict, at: datetime | None = None
) -> Batch:
    """One decision on all copies of a letter that wait; later copies follow it. More than 20 need a second reader.

    An earlier decision on the letter ends when this one goes ahead.
    """
    case = letter(session, slug, key)
    this = (case.letter.consultation_id, case.letter.text_hash)
    where = [Waiting.consultation_id == this[0], Waiting.text_hash == this[1]]
    return batches.propose(session, moderator=moderator, where=where, verdict=verdict, letter=this, at=at)


def standing(session: Session, consultation_id: int, text_hash: bytes) -> Batch | None:
    """The newest decision on a letter: proposed, in force, or taken back since."""
    return session.scalars(
        select(Batch)
        .where(Batch.consultation_id == consultation_id, Batch.text_hash == text_hash)
        .order_by(Batch.id.desc())
        .limit(1)
    ).first()


def follow(session: Session, submission_ids: Collection[int], *, at: datetime | None = None) -> int:
    """Decides on later copies of a letter as on the letter; gives how many. May be repeated: decided is decided.

    An organisation's copy is not withheld with the rest, and words of who decided are left to others: a person reads
    both.
    """
    if not submission_ids:
        return 0
    moment, done = at or now(), 0
    found = session.execute(
        select(LetterDecision.batch_id, Waiting.submission_id, Waiting.revision)
        .join(
            LetterDecision,
            (LetterDecision.consultation_id == Waiting.consultation_id)
            & (LetterDecision.text_hash == Waiting.text_hash),
        )
        .join(Batch, Batch.id == LetterDecision.batch_id)
        .where(
            Waiting.submission_id.in_(submission_ids), Waiting.queue == Waiting.home, Waiting.queue != Queue.RETURNED,
            LetterDecision.ended_at.is_(None), Batch.progress.in_((Progress.RUNNING, Progress.DONE)),
        )
    ).all()  # fmt: skip
    copies: dict[int, dict[int, int]] = {}
    for batch_id, submission_id, revision in found:
        copies.setdefault(batch_id, {})[submission_id] = revision
    for batch_id, read in copies.items():
        done += len(batches.follow(session, session.get_one(Batch, batch_id), read, moment))
    return done


def _additions(session: Session, found: Letter, said: Sequence[Comment]) -> list[Addition]:
    """Submissions that hold the whole letter and more, those that wait first."""
    if len(said) != 1 or len(found.words) < _SHORTEST:
        return []
    at = func.strpos(Comment.body, found.words)
    rows = session.execute(
        select(Submission.id, Submission.reference, Submission.state, Comment.body, Comment.language, at.label("at"))
        .join(Comment, Comment.submission_id == Submission.id)
        .where(
            Submission.consultation_id == found.consultation_id, Submission.text_hash != found.text_hash,
            Submission.state.in_((State.PENDING, State.PUBLISHED)), at > literal(0),
        )
        .order_by(Submission.state != State.PENDING, Submission.id)
        .limit(ADDITIONS)
    )  # fmt: skip
    return [
        Addition(
            row.id, row.reference, excerpt(row.body[: row.at - 1], 400),
            excerpt(row.body[row.at - 1 + len(found.words) :], 400), row.language, row.state is State.PENDING,
        )
        for row in rows
    ]  # fmt: skip


def _hash(key: str) -> bytes:
    try:
        return bytes.fromhex(key)
    except ValueError as error:
        raise NotFound(_("There is no such letter.")) from error
