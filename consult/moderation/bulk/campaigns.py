"""Bulk decisions on campaigns: a moderator reads the campaign letter once and reads each addition separately.

A copy is a member of a campaign that adds nothing to the letter and reverses none of its sentences. One decision covers
all copies. Other members wait for a person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis.campaigns import queries as campaigns_queries
from consult.analysis.campaigns.queries import CampaignOverview, MemberStatement, list_passages
from consult.analysis.kinds import StatementKind
from consult.analysis.model import Campaign, TextGroup
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.moderation.bulk import service as bulk
from consult.moderation.model import (
    Batch,
    BatchItem,
    BatchProgress,
    Decision,
    DecisionOutcome,
    LetterDecision,
    Queue,
    QueueEntry,
)
from consult.moderation.service import ModerationVerdict
from consult.submissions.comments.parties import find_own
from consult.submissions.model import State, Submission, SubmitterKind

PAGE = 50
_WAITS = (State.PENDING, State.RETURNED)


@dataclass(frozen=True)
class WaitingLetter:
    """A campaign whose copies wait for a decision."""

    letter: CampaignOverview
    title: str  # of the consultation
    language: str
    copies: int
    since: datetime


@dataclass(frozen=True)
class LetterAddition:
    """Text that a member adds to the letter, with the state of its submission."""

    statement: MemberStatement
    """The first addition."""
    passages: Sequence[str]
    reference: str
    state: State
    language: str


@dataclass(frozen=True)
class LetterCase:
    """A campaign letter and its context for a decision."""

    letter: CampaignOverview
    consultation: Consultation
    copies: int  # waiting copies
    decided: Sequence[LetterAddition]  # additions that need no moderator any more
    batch: Batch | None  # the newest decision on the letter
    following: bool  # whether later copies follow that decision


def list_waiting_letters(session: Session) -> list[WaitingLetter]:
    """List campaigns with waiting copies, largest number first."""
    groups = session.execute(
        select(TextGroup.campaign_id, func.count(), func.min(QueueEntry.received_at))
        .join(QueueEntry, _has_same_text())
        .where(*_is_plain_copy(), TextGroup.campaign_id.is_not(None), QueueEntry.queue == QueueEntry.home, _unread())
        .group_by(TextGroup.campaign_id)
        .order_by(func.count().desc(), TextGroup.campaign_id)
        .limit(PAGE)
    ).all()
    titles = _titles(session, [row[0] or 0 for row in groups])
    letters = []
    for campaign_id, count, since in groups:
        letter = campaigns_queries.get_campaign(session, campaign_id or 0)
        if letter is not None:
            letters.append(WaitingLetter(letter, *titles[letter.id], count, since))
    return letters


def get_letter_case(session: Session, campaign_id: int) -> LetterCase:
    """Return one letter with its additions, those that may contradict it first. Raises NotFound."""
    campaign = campaigns_queries.get_campaign(session, campaign_id)
    if campaign is None:
        raise NotFound(_("We cannot find this campaign letter."))
    copies = select(func.count()).select_from(QueueEntry).where(*copy_conditions(campaign_id))
    statements = campaigns_queries.list_statements(
        session, campaign_id, published=False, contrary_first=True, most=PAGE
    )
    batch = session.scalars(
        select(Batch).where(Batch.campaign_id == campaign_id).order_by(Batch.id.desc()).limit(1)
    ).first()
    stands = select(LetterDecision.id).where(
        LetterDecision.campaign_id == campaign_id, LetterDecision.ended_at.is_(None)
    )
    return LetterCase(
        campaign,
        session.get_one(Consultation, campaign.consultation_id),
        session.scalar(copies) or 0,
        [addition for addition in _additions(session, statements) if addition.state not in _WAITS],
        batch,
        session.scalar(stands.limit(1)) is not None,
    )


def added(session: Session, submission_id: int) -> Sequence[MemberStatement]:
    """Return the submission's statements that add to its letter or change a sentence."""
    said = campaigns_queries.list_statements_of(session, submission_id)
    return [one for one in said if one.kind in (StatementKind.ADDED, StatementKind.CONTRARY)]


def list_added_words(session: Session, consultation_id: int, submission_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the passages that each waiting submission adds to its letter."""
    waiting = select(QueueEntry.submission_id, QueueEntry.text_hash).where(QueueEntry.submission_id.in_(submission_ids))
    hashes = {row.submission_id: bytes(row.text_hash) for row in session.execute(waiting)}
    text = campaigns_queries.list_statements_by_text(session, consultation_id, set(hashes.values()))
    return {one: list_passages(text.get(text_hash, ())) for one, text_hash in hashes.items()}


def decide(
    session: Session, *, moderator: Account, campaign_id: int, verdict: ModerationVerdict, at: datetime | None = None
) -> Batch:
    """Decide on all waiting copies of a letter. Later copies follow the decision.

    More than 20 copies need a second reader. An earlier decision on the letter ends when this one is confirmed. Raises
    NotFound.
    """
    if session.get(Campaign, campaign_id) is None:
        raise NotFound(_("We cannot find this campaign letter."))
    where = copy_conditions(campaign_id)
    return bulk.propose(session, moderator=moderator, where=where, verdict=verdict, campaign_id=campaign_id, at=at)


def decide_later_copies(session: Session, *, at: datetime | None = None, most: int = bulk.CHUNK) -> int:
    """Apply the decisions on letters to later copies, and return how many were decided. Safe to repeat.

    Copies of an organisation are not withheld this way, and the decider's own texts are left to others. A person reads
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
        if copies := _list_later_copies(session, batch, copy_conditions(campaign_id), most):
            done += len(bulk.decide_copies(session, batch, copies, moment))
    return done


def _list_later_copies(
    session: Session, batch: Batch, where: Sequence[ColumnElement[bool]], most: int
) -> dict[int, int]:
    """Return waiting submissions to which this decision applies without a person, at most `most`, with their revisions.

    Copies of an organisation are not withheld this way, and submissions of the deciding moderator are left to others.
    """
    people = session.scalars(select(Account).where(Account.id.in_([batch.moderator_id, batch.second_id or 0]))).all()
    waits = select(QueueEntry.submission_id, QueueEntry.revision).where(*where, QueueEntry.queue == QueueEntry.home)
    if batch.outcome is DecisionOutcome.WITHHOLD:
        by_organisation = Submission.submitter_kind == SubmitterKind.ORGANISATION
        waits = waits.where(
            ~select(Submission.id).where(Submission.id == QueueEntry.submission_id, by_organisation).exists()
        )
    last = 0
    while True:
        window = waits.where(QueueEntry.submission_id > last).order_by(QueueEntry.submission_id).limit(most)
        copies = {row.submission_id: row.revision for row in session.execute(window)}
        own = find_own(session, copies, *people)
        if len(own) < len(copies) or not copies:
            return {number: revision for number, revision in copies.items() if number not in own}
        last = max(copies)


def count_copies_beyond(session: Session, batch: Batch) -> int:
    """Count copies of the letter outside a batch: waiting ones, or those decided later in the same way."""
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
    """Return conditions that select the waiting copies of this letter."""
    group = select(TextGroup.text_hash).where(_has_same_text(), TextGroup.campaign_id == campaign_id, *_is_plain_copy())
    return [group.exists(), _unread()]


def _has_same_text() -> ColumnElement[bool]:
    return (TextGroup.consultation_id == QueueEntry.consultation_id) & (TextGroup.text_hash == QueueEntry.text_hash)


def _is_plain_copy() -> list[ColumnElement[bool]]:
    """Return conditions for texts without unread additions.

    Variants of a template never qualify, as their slots differ.
    """
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
        LetterAddition(each[0], list_passages(each), row.reference, row.state, row.language)
        for number, each in members.items()
        if (row := known.get(number)) is not None
    ]
