"""Letters that many send: read once, decided once; what people added to them is read by itself.

A copy is a member of a campaign that adds nothing to the letter and turns no sentence of it: one decision for all of
them is a decision on what each says. Every other member waits for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis import campaign_queries
from consult.analysis.campaign_queries import Letter, Said
from consult.analysis.model import Campaign, TextGroup
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.moderation import batches
from consult.moderation.model import Batch, BatchItem, Decision, LetterDecision, Progress, Queue, Waiting
from consult.moderation.service import Verdict
from consult.submissions.model import State, Submission

PAGE = 50


@dataclass(frozen=True)
class Waits:
    """A campaign with copies that wait."""

    letter: Letter
    title: str  # of its consultation
    language: str
    copies: int
    since: datetime


@dataclass(frozen=True)
class Addition:
    """What a member says beside the letter, and where its submission stands."""

    said: Said
    reference: str
    state: State
    language: str


@dataclass(frozen=True)
class LetterCase:
    """One letter as a moderator decides on it."""

    letter: Letter
    consultation: Consultation
    copies: int  # that wait
    additions: Sequence[Addition]
    batch: Batch | None  # the newest decision on it
    following: bool  # later copies are decided as in it


def waiting(session: Session) -> list[Waits]:
    """Campaigns with copies that wait, those with most first."""
    groups = session.execute(
        select(TextGroup.campaign_id, func.count(), func.min(Waiting.received_at))
        .join(Waiting, _same_text())
        .where(*_copy(), TextGroup.campaign_id.is_not(None), Waiting.queue == Waiting.home, _unread())
        .group_by(TextGroup.campaign_id)
        .order_by(func.count().desc(), TextGroup.campaign_id)
        .limit(PAGE)
    ).all()
    titles = _titles(session, [row[0] or 0 for row in groups])
    found = []
    for campaign_id, count, since in groups:
        letter = campaign_queries.campaign(session, campaign_id or 0)
        if letter is not None:
            found.append(Waits(letter, *titles[letter.id], count, since))
    return found


def letter(session: Session, campaign_id: int) -> LetterCase:
    """One letter with what people say beside it, what contradicts it first. Raises NotFound."""
    found = campaign_queries.campaign(session, campaign_id)
    if found is None:
        raise NotFound(_("There is no such letter."))
    copies = select(func.count()).select_from(Waiting).where(*copies_of(campaign_id))
    said = campaign_queries.statements(session, campaign_id, published=False, contrary_first=True, most=PAGE)
    batch = session.scalars(
        select(Batch).where(Batch.campaign_id == campaign_id).order_by(Batch.id.desc()).limit(1)
    ).first()
    stands = select(LetterDecision.id).where(
        LetterDecision.campaign_id == campaign_id, LetterDecision.ended_at.is_(None)
    )
    return LetterCase(
        found, session.get_one(Consultation, found.consultation_id), session.scalar(copies) or 0,
        _additions(session, said), batch, session.scalar(stands.limit(1)) is not None,
    )  # fmt: skip


def decide(
    session: Session, *, moderator: Account, campaign_id: int, verdict: Verdict, at: datetime | None = None
) -> Batch:
    """One decision on all copies of a letter that wait; later copies follow it. More than 20 need a second reader.

    An earlier decision on the letter ends when this one goes ahead.
    """
    if session.get(Campaign, campaign_id) is None:
        raise NotFound(_("There is no such letter."))
    where = copies_of(campaign_id)
    return batches.propose(session, moderator=moderator, where=where, verdict=verdict, campaign_id=campaign_id, at=at)


def follow(session: Session, *, at: datetime | None = None, most: int = batches.CHUNK) -> int:
    """Decides on later copies of letters as on the letters; gives how many. May be repeated: decided is decided.

    An organisation's copy is not withheld with the rest, and words of who decided are left to others: a person reads
    both.
    """
    moment, done = at or now(), 0
    standing = session.execute(
        select(LetterDecision.campaign_id, Batch)
        .join(Batch, Batch.id == LetterDecision.batch_id)
        .where(LetterDecision.ended_at.is_(None), Batch.progress == Progress.DONE)
        .order_by(LetterDecision.id)
    ).all()
    for campaign_id, batch in standing:
        late = select(Waiting.submission_id, Waiting.revision).where(
            *copies_of(campaign_id), Waiting.queue == Waiting.home, *batches.not_left_out(session, batch)
        )
        copies = {row.submission_id: row.revision for row in session.execute(late.limit(most))}
        if copies:
            done += len(batches.follow(session, batch, copies, moment))
    return done


def beyond(session: Session, batch: Batch) -> int:
    """Copies of its letter beyond those of a batch: that wait, or that were decided since as in it."""
    if batch.campaign_id is None:
        return 0
    if batch.progress is not Progress.DONE:
        more = select(func.count()).select_from(Waiting)
        return session.scalar(more.where(*copies_of(batch.campaign_id), Waiting.queue == Waiting.home)) or 0
    inside = select(BatchItem.submission_id).where(
        BatchItem.batch_id == batch.id, BatchItem.submission_id == Decision.submission_id
    )
    since = select(func.count()).where(Decision.batch_id == batch.id, ~inside.exists())
    return session.scalar(since) or 0


def copies_of(campaign_id: int) -> list[ColumnElement[bool]]:
    """Of what waits: a copy of this letter."""
    group = select(TextGroup.text_hash).where(_same_text(), TextGroup.campaign_id == campaign_id, *_copy())
    return [group.exists(), _unread()]


def _same_text() -> ColumnElement[bool]:
    return (TextGroup.consultation_id == Waiting.consultation_id) & (TextGroup.text_hash == Waiting.text_hash)


def _copy() -> list[ColumnElement[bool]]:
    return [~TextGroup.adds, ~TextGroup.contrary]


def _unread() -> ColumnElement[bool]:
    return Waiting.home != Queue.RETURNED


def _titles(session: Session, campaign_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    rows = session.execute(
        select(Campaign.id, Consultation.title, Consultation.language)
        .join(Consultation, Consultation.id == Campaign.consultation_id)
        .where(Campaign.id.in_(campaign_ids))
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _additions(session: Session, said: Sequence[Said]) -> list[Addition]:
    rows = session.execute(
        select(Submission.id, Submission.reference, Submission.state, Submission.language).where(
            Submission.id.in_([one.submission_id for one in said])
        )
    )
    known = {row.id: row for row in rows}
    return [
        Addition(one, row.reference, row.state, row.language)
        for one in said
        if (row := known.get(one.submission_id)) is not None
    ]
