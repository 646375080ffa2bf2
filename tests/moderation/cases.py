"""Submissions to decide on."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.decisions.service import UNDO_DELAY
from consult.documents.model import Provision, ProvisionKind
from consult.moderation import service
from consult.moderation import waiting_list as queue
from consult.moderation.bulk import service as bulk
from consult.moderation.recourse import appeals, reports
from consult.submissions import service as submissions
from consult.submissions.model import NameRule, Stance, Submission
from consult.submissions.values import NewComment, Submitter
from tests import factories

_numbers = itertools.count(1)


def half_a_minute_later(session: Session) -> None:
    """Let decisions and answers take effect and batches run, as the scheduler does."""
    session.commit()
    later = now() + UNDO_DELAY + timedelta(seconds=1)
    service.apply_due_decisions(session, at=later)
    appeals.apply_due_answers(session, at=later)
    reports.apply_due_answers(session, at=later)
    for batch_id in bulk.list_due(session, at=later):
        while bulk.run(session, batch_id, at=later):
            pass
    session.commit()
    session.expire_all()


def paragraphs(session: Session, consultation: Consultation) -> list[Provision]:
    return list(
        session.scalars(
            select(Provision)
            .where(Provision.version_id == consultation.version_id, Provision.kind == ProvisionKind.PARAGRAPH)
            .order_by(Provision.position)
        )
    )


def filed(
    session: Session,
    *,
    consultation: Consultation | None = None,
    body: str | None = None,
    stance: Stance | None = Stance.CONCERN,
    at: Any = None,
    comments: int = 1,
    **by: Any,
) -> Submission:
    """A submission in the queue, on the first paragraphs of its consultation."""
    consultation = consultation or factories.consultation(session)
    places = paragraphs(session, consultation)
    said = [
        NewComment(places[n % len(places)].id, stance, body or f"Words number {next(_numbers)}.")
        for n in range(comments)
    ]
    who = Submitter(**{"name_rule": NameRule.OWN, "person_name": "Rosa Quispe", **by})
    row = submissions.file(
        session, consultation=consultation, by=who, comments=said, key=f"case {next(_numbers)}", at=at
    )
    queue.requeue(session, [row.id])  # as the clock does within seconds
    return row
