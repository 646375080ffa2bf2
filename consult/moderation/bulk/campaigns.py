"""Bulk decisions on campaigns: the letter is read and decided once, additions are read one by one.

A copy is a member of a campaign that adds nothing to the letter and reverses none of its sentences: one decision covers
all copies. Every other member waits for a person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis.campaigns import queries as campaigns_queries
from consult.analysis.campaigns.alike_texts import AlikeTexts, describe_alike
from consult.analysis.campaigns.queries import CampaignOverview, MemberStatement, mark_contradiction
from consult.analysis.kinds import StatementKind
from consult.analysis.model import Campaign, TextGroup
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.moderation.bulk import service as bulk
from consult.moderation.model import Batch, BatchItem, BatchProgress, Decision, LetterDecision, Queue, QueueEntry
from consult.moderation.service import ModerationVerdict
from consult.submissions.model import State, Submission

PAGE = 50
_WAITS = (State.PENDING, State.RETURNED)


@dataclass(frozen=True)
class WaitingLetter:
    """A campaign with copies that wait."""

    letter: CampaignOverview
    title: str  # of its consultation
    language: str
    copies: int
    since: datetime


@dataclass(frozen=True)
class LetterAddition:
    """What a member adds to the letter, with the state of its submission."""

    statement: MemberStatement
    """The first, which tells whether and how surely the member seems to contradict the letter."""
    passages: Sequence[Sequence[tuple[str, bool]]]
    """Its words in pieces, and whether they are those that contradict."""
    reference: str
    state: State
    language: str


@dataclass(frozen=True)
class LetterCase:
    """One letter as a moderator decides on it."""

    letter: CampaignOverview
    consultation: Consultation
    copies: int  # that wait
    decided: Sequence[LetterAddition]  # additions that no moderator is asked about any more
    batch: Batch | None  # the newest decision on it
    following: bool  # later copies are decided as in it
    alike: AlikeTexts | None  # published texts that are alike to it in meaning; none: not looked for


def list_waiting_letters(session: Session) -> list[WaitingLetter]:
    """Campaigns with copies that wait, those with most first."""
    groups = session.execute(
        select(TextGroup.campaign_id, func.count(), func.min(QueueEntry.received_at))
        .join(QueueEntry, _has_same_text())
        .where(*_is_plain_copy(), TextGroup.campaign_id.is_not(None), QueueEntry.queue == QueueEntry.home, _unread())
        .group_by(TextGroup.campaign_id)
        .order_by(func.count().desc(), TextGroup.campaign_id)
        .limit(PAGE)
    ).all()
    titles = _titles(session, [row[0] or 0 for row in groups])
    found = []
    for campaign_id, count, since in groups:
        letter = campaigns_queries.get_campaign(session, campaign_id or 0)
        if letter is not None:
            found.append(WaitingLetter(letter, *titles[letter.id], count, since))
    return found


def get_letter_case(session: Session, campaign_id: int) -> LetterCase:
    """One letter with what people say beside it, what contradicts it first. Raises NotFound."""
    found = campaigns_queries.get_campaign(session, campaign_id)
    if found is None:
        raise NotFound(_("There is no such letter."))
    copies = select(func.count()).select_from(QueueEntry).where(*copy_conditions(campaign_id))
    said = campaigns_queries.list_statements(session, campaign_id, published=False, contrary_first=True, most=PAGE)
    batch = session.scalars(
        select(Batch).where(Batch.campaign_id == campaign_id).order_by(Batch.id.desc()).limit(1)
    ).first()
    stands = select(LetterDecision.id).where(
        LetterDecision.campaign_id == campaign_id, LetterDecision.ended_at.is_(None)
    )
    return LetterCase(
        found,
        session.get_one(Consultation, found.consultation_id),
        session.scalar(copies) or 0,
        [one for one in _additions(session, said) if one.state not in _WAITS],
        batch,
        session.scalar(stands.limit(1)) is not None,
        describe_alike(session, found.consultation_id, campaign_id),
    )


def added(session: Session, submission_id: int) -> Sequence[MemberStatement]:
    """The statements of one submission beyond or against its letter that its moderator has not read yet."""
    said = campaigns_queries.list_statements_of(session, submission_id)
    return [one for one in said if one.kind in (StatementKind.ADDED, StatementKind.CONTRARY)]


def list_added_words(
    session: Session, consultation_id: int, submission_ids: Collection[int]
) -> dict[int, list[list[tuple[str, bool]]]]:
    """What each of these, which wait, says beside its letter: see `mark_contradiction`."""
    waiting = select(QueueEntry.submission_id, QueueEntry.text_hash).where(QueueEntry.submission_id.in_(submission_ids))
    hashes = {row.submission_id: bytes(row.text_hash) for row in session.execute(waiting)}
    said = campaigns_queries.list_statements_by_text(session, consultation_id, set(hashes.values()))
    return {one: campaigns_queries.mark_contradiction(said.get(text_hash, ())) for one, text_hash in hashes.items()}


def decide(
    session: Session, *, moderator: Account, campaign_id: int, verdict: ModerationVerdict, at: datetime | None = None
) -> Batch:
    """One decision on all copies of a letter that wait; later copies follow it. More than 20 need a second reader.

    An earlier decision on the letter ends when this one goes ahead.
    """
    if session.get(Campaign, campaign_id) is None:
        raise NotFound(_("There is no such letter."))
    where = copy_conditions(campaign_id)
    return bulk.propose(session, moderator=moderator, where=where, verdict=verdict, campaign_id=campaign_id, at=at)


def decide_later_copies(session: Session, *, at: datetime | None = None, most: int = bulk.CHUNK) -> int:
    """Decides on later copies of letters as on the letters; gives how many. May be repeated: decided is decided.

    An organisation's copy is not withheld with the rest, and words of who decided are left to others: a person reads
    both.
    """
    moment, done = at or now(), 0
    standing = session.execute(
        select(LetterDecision.campaign_id, Batch)
        .join(Batch, Batch.id == LetterDecision.batch_id)
        .where(LetterDecision.ended_at.is_(None), Batch.progress == BatchProgress.DONE)
        .order_by(LetterDecision.id)
    ).all()
    for campaign_id, batch in standing:
        late = select(QueueEntry.submission_id, QueueEntry.revision).where(
            *copy_conditions(campaign_id), QueueEntry.queue == QueueEntry.home, *bulk.may_follow_letter(session, batch)
        )
        copies = {row.submission_id: row.revision for row in session.execute(late.limit(most))}
        if copies:
            done += len(bulk.decide_copies(session, batch, copies, moment))
    return done


def count_copies_beyond(session: Session, batch: Batch) -> int:
    """Copies of its letter beyond those of a batch: that wait, or that were decided since as in it."""
    if batch.campaign_id is None:
        return 0
    if batch.progress is not BatchProgress.DONE:
        more = select(func.count()).select_from(QueueEntry)
        return session.scalar(more.where(*copy_conditions(batch.campaign_id), QueueEntry.queue == QueueEntry.home)) or 0
    inside = select(BatchItem.submission_id).where(
        BatchItem.batch_id == batch.id, BatchItem.submission_id == Decision.submission_id
    )
    since = select(func.count()).where(Decision.batch_id == batch.id, ~inside.exists())
    return session.scalar(since) or 0


def copy_conditions(campaign_id: int) -> list[ColumnElement[bool]]:
    """Of what waits: a copy of this letter."""
    group = select(TextGroup.text_hash).where(_has_same_text(), TextGroup.campaign_id == campaign_id, *_is_plain_copy())
    return [group.exists(), _unread()]


def _has_same_text() -> ColumnElement[bool]:
    return (TextGroup.consultation_id == QueueEntry.consultation_id) & (TextGroup.text_hash == QueueEntry.text_hash)


def _is_plain_copy() -> list[ColumnElement[bool]]:
    """Nothing in it that was not read with the letter; variants of a template are never that, as their slots differ."""
    templates = select(Campaign.id).where(Campaign.template)
    return [~TextGroup.adds, ~TextGroup.contrary, TextGroup.campaign_id.not_in(templates)]


def _unread() -> ColumnElement[bool]:
    return QueueEntry.home != Queue.RETURNED


def _titles(session: Session, campaign_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    rows = session.execute(
        select(Campaign.id, Consultation.title, Consultation.language)
        .join(Consultation, Consultation.id == Campaign.consultation_id)
        .where(Campaign.id.in_(campaign_ids))
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _additions(session: Session, said: Sequence[MemberStatement]) -> list[LetterAddition]:
    rows = session.execute(
        select(Submission.id, Submission.reference, Submission.state, Submission.language).where(
            Submission.id.in_([one.submission_id for one in said])
        )
    )
    known = {row.id: row for row in rows}
    members: dict[int, list[MemberStatement]] = {}
    for one in said:
        members.setdefault(one.submission_id, []).append(one)
    return [
        LetterAddition(each[0], mark_contradiction(each), row.reference, row.state, row.language)
        for number, each in members.items()
        if (row := known.get(number)) is not None
    ]
