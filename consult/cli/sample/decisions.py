"""Sample moderation decisions, made from the queues through the normal services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis import service as analysis
from consult.analysis.model import TextGroup
from consult.cli.sample.files import SampleProposal, SampleSubmission
from consult.consultations.model import Consultation
from consult.decisions.service import UNDO_DELAY
from consult.ledger import service as ledger
from consult.moderation import service
from consult.moderation import waiting_list as queue
from consult.moderation.bulk import campaigns as bulk_campaigns
from consult.moderation.bulk import service as bulk
from consult.moderation.model import DecisionOutcome
from consult.moderation.queue import saved_filters
from consult.moderation.queue.filters import QueueFilter
from consult.moderation.redaction import Redaction, find_spans
from consult.moderation.team import service as team
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Stance, Submission

_OUTCOMES = {
    "published": DecisionOutcome.PUBLISH,
    "returned": DecisionOutcome.RETURN,
    "withheld": DecisionOutcome.WITHHOLD,
}
_READS = timedelta(minutes=5)
"""The time that the second reviewer of the sample takes."""


def set_up_team(session: Session, moderators: Sequence[Account], now: datetime) -> None:
    """Set up working days, an assignment and a saved filter of the moderation team."""
    closed = {f"{now.year}-12-25": "Christmas Day", f"{now.year + 1}-01-01": "New Year's Day"}
    team.set_calendar(session, weekdays=range(1, 6), closed=closed, zone="Europe/Vienna")
    team.add_seat(session, account_id=moderators[-1].id, consultation_id=None, language="es")
    saved_filters.save(
        session,
        moderator=moderators[0],
        name="2.1: concerns",
        queue_filter=QueueFilter(place="2.1", stance=Stance.CONCERN),
    )


def decide(
    session: Session, moderators: Sequence[Account], row: Submission, filed: SampleSubmission, at: datetime
) -> None:
    """Decide on a submission as the first moderator, with the second one if two are needed."""
    verdict = service.ModerationVerdict(
        _OUTCOMES[filed.state], filed.reason, filed.note, covers=_find_redactions(session, row, filed.hidden)
    )
    if not filed.two:
        service.decide(
            session,
            moderator=moderators[0],
            submission_id=row.id,
            revision=row.revision,
            outcome=verdict.outcome,
            reason=verdict.reason,
            note=verdict.note,
            covers=verdict.covers,
            at=at,
        )
        return
    batch = bulk.propose(
        session,
        moderator=moderators[0],
        items=[(row.id, row.revision)],
        verdict=verdict,
        second_reader=True,
        at=at - UNDO_DELAY - _READS,
    )
    bulk.confirm(session, second=moderators[1], batch_id=batch.id, at=at - UNDO_DELAY)
    bulk.run(session, batch.id, at=at)


def propose(session: Session, moderator: Account, row: Submission, wanted: SampleProposal, at: datetime) -> None:
    """Propose a decision that waits for a second reviewer."""
    verdict = service.ModerationVerdict(
        DecisionOutcome(wanted.outcome),
        wanted.reason,
        wanted.note,
        wanted.internal_note,
        _find_redactions(session, row, wanted.hidden),
    )
    items = [(row.id, row.revision)]
    bulk.propose(session, moderator=moderator, items=items, verdict=verdict, second_reader=True, at=at)


def decide_letter(
    session: Session, moderator: Account, consultation: Consultation, copy: Submission, at: datetime
) -> None:
    """Publish the waiting copies of this copy's campaign letter. Later copies follow."""
    analysis.FOLLOWER.follow(session, consultation_id=consultation.id, until=ledger.number_entries(session))
    campaign_id = session.scalar(
        select(TextGroup.campaign_id).where(
            TextGroup.consultation_id == consultation.id, TextGroup.text_hash == copy.text_hash
        )
    )
    if campaign_id is None:
        return
    if bulk_campaigns.get_letter_case(session, campaign_id).following:
        bulk_campaigns.decide_later_copies(session, at=at)
        return
    batch = bulk_campaigns.decide(
        session,
        moderator=moderator,
        campaign_id=campaign_id,
        verdict=service.ModerationVerdict(DecisionOutcome.PUBLISH),
        at=at - UNDO_DELAY,
    )
    bulk.run(session, batch.id, at=at)


def claim(session: Session, moderator: Account, row: Submission, at: datetime) -> None:
    """Claim a submission, as a moderator who has just begun to read it."""
    queue.claim(session, moderator=moderator, submission_ids=[row.id], at=at)


def _find_redactions(session: Session, row: Submission, hidden: dict[str, str]) -> tuple[Redaction, ...]:
    """Return the spans of words to hide, with their reasons."""
    return tuple(
        Redaction(comment.id, start, end, reason)
        for comment in comments_queries.list_comments(session, row.id)
        for words, reason in hidden.items()
        for start, end in find_spans(comment.body, words)
    )
