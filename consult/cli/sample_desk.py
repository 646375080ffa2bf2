"""The desk of the sample: what its moderators decide, from the queues and by the verbs that pages call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis import service as analysis
from consult.analysis.model import TextGroup
from consult.cli.sample_files import Filed, Verdict
from consult.consultations.model import Consultation
from consult.ledger import service as ledger
from consult.moderation import batches, campaigns, docket, filters, service, teams
from consult.moderation.model import Outcome
from consult.moderation.redaction import Cover, places_of
from consult.moderation.wish import Wish
from consult.submissions import lists
from consult.submissions.model import Stance, Submission

_OUTCOMES = {"published": Outcome.PUBLISH, "returned": Outcome.RETURN, "withheld": Outcome.WITHHOLD}
_READS = timedelta(minutes=5)
"""How long the second reader of the sample thinks."""


def open_desk(session: Session, moderators: Sequence[Account], now: datetime) -> None:
    """Who moderates what, on which days, and what one of them often looks at."""
    closed = {f"{now.year}-12-25": "Christmas Day", f"{now.year + 1}-01-01": "New Year's Day"}
    teams.set_calendar(session, weekdays=range(1, 6), closed=closed, zone="Europe/Vienna")
    teams.seat(session, account_id=moderators[-1].id, consultation_id=None, language="es")
    filters.save(session, moderator=moderators[0], name="2.1: concerns", wish=Wish(place="2.1", stance=Stance.CONCERN))


def decide(session: Session, moderators: Sequence[Account], row: Submission, filed: Filed, at: datetime) -> None:
    """What became of one submission: decided by the first of these people, with the second where it takes two."""
    verdict = service.Verdict(
        _OUTCOMES[filed.state], filed.reason, filed.note, covers=_covers(session, row, filed.hidden)
    )  # fmt: skip
    if not filed.two:
        service.decide(
            session, moderator=moderators[0], submission_id=row.id, revision=row.revision, outcome=verdict.outcome,
            reason=verdict.reason, note=verdict.note, covers=verdict.covers, at=at,
        )  # fmt: skip
        return
    batch = batches.propose(
        session, moderator=moderators[0], items=[(row.id, row.revision)], verdict=verdict, second_reader=True,
        at=at - service.DELAY - _READS,
    )  # fmt: skip
    batches.confirm(session, second=moderators[1], batch_id=batch.id, at=at - service.DELAY)
    batches.run(session, batch.id, at=at)


def propose(session: Session, moderator: Account, row: Submission, wanted: Verdict, at: datetime) -> None:
    """What one moderator would do, and asks another: it waits for the second reader."""
    verdict = service.Verdict(
        Outcome(wanted.outcome), wanted.reason, wanted.note, wanted.internal_note,
        _covers(session, row, wanted.hidden),
    )  # fmt: skip
    items = [(row.id, row.revision)]
    batches.propose(session, moderator=moderator, items=items, verdict=verdict, second_reader=True, at=at)


def decide_letter(
    session: Session, moderator: Account, consultation: Consultation, copy: Submission, at: datetime
) -> None:
    """Publishes the copies that wait of the letter that this is a copy of; later ones follow."""
    analysis.follow(session, consultation_id=consultation.id, until=ledger.number_entries(session))
    campaign_id = session.scalar(
        select(TextGroup.campaign_id).where(
            TextGroup.consultation_id == consultation.id, TextGroup.text_hash == copy.text_hash
        )
    )
    if campaign_id is None:
        return
    if campaigns.letter(session, campaign_id).following:
        campaigns.follow(session, at=at)
        return
    batch = campaigns.decide(
        session, moderator=moderator, campaign_id=campaign_id, verdict=service.Verdict(Outcome.PUBLISH),
        at=at - service.DELAY,
    )  # fmt: skip
    batches.run(session, batch.id, at=at)


def read(session: Session, moderator: Account, row: Submission, at: datetime) -> None:
    """A moderator has just begun to read it, and says so."""
    docket.claim(session, moderator=moderator, submission_ids=[row.id], at=at)


def _covers(session: Session, row: Submission, hidden: dict[str, str]) -> tuple[Cover, ...]:
    """Words of the submission by the reason for which they are hidden."""
    return tuple(
        Cover(comment.id, start, end, reason)
        for comment in lists.comments_of(session, row.id)
        for words, reason in hidden.items()
        for start, end in places_of(comment.body, words)
    )
