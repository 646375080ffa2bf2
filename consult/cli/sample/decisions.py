"""Sample moderation decisions, made from the queues through the services that pages call."""

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
from consult.ledger import service as ledger
from consult.moderation import service
from consult.moderation.bulk import campaigns as bulk_campaigns
from consult.moderation.bulk import service as bulk
from consult.moderation.model import DecisionOutcome
from consult.moderation.queue import saved_filters
from consult.moderation.queue import service as queue
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
"""How long the second reader of the sample thinks."""


def set_up_team(session: Session, moderators: Sequence[Account], now: datetime) -> None:
    """Who moderates what, on which days, and what one of them often looks at."""
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
    """Decides on one submission: by the first of these people, with the second where it takes two."""
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
        at=at - service.UNDO_DELAY - _READS,
    )
    bulk.confirm(session, second=moderators[1], batch_id=batch.id, at=at - service.UNDO_DELAY)
    bulk.run(session, batch.id, at=at)


def propose(session: Session, moderator: Account, row: Submission, wanted: SampleProposal, at: datetime) -> None:
    """Proposes a decision that waits for the second reader."""
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
    """Publishes the copies that wait of the letter that this is a copy of; later ones follow."""
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
        at=at - service.UNDO_DELAY,
    )
    bulk.run(session, batch.id, at=at)


def claim(session: Session, moderator: Account, row: Submission, at: datetime) -> None:
    """A moderator has just begun to read it, and says so."""
    queue.claim(session, moderator=moderator, submission_ids=[row.id], at=at)


def _find_redactions(session: Session, row: Submission, hidden: dict[str, str]) -> tuple[Redaction, ...]:
    """Words of the submission by the reason for which they are hidden."""
    return tuple(
        Redaction(comment.id, start, end, reason)
        for comment in comments_queries.list_comments(session, row.id)
        for words, reason in hidden.items()
        for start, end in find_spans(comment.body, words)
    )
