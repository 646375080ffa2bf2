"""Filing and deciding in tests, through the services that pages use: write only what matters to the test."""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Question
from consult.documents.model import Provision
from consult.ledger import service as ledger
from consult.ledger.model import Kind, LedgerEntry
from consult.submissions import service
from consult.submissions.model import NameRule, Stance, State, Submission
from consult.submissions.values import NewAnswer, NewComment, Submitter

_keys = itertools.count(1)
EVENTS = LedgerEntry.kind != Kind.STATEMENTS_SEALED
"""Entries of what happened, without those that seal the rows that it changed."""


def comment(
    session: Session, consultation: Consultation, body: str, on: str = "1.1", stance: str | None = "concern"
) -> NewComment:
    """A comment on the paragraph with this number; on the draft as a whole where `on` is empty."""
    provision = None
    if on:
        provision = session.scalars(
            select(Provision.id).where(Provision.version_id == consultation.version_id, Provision.number == on)
        ).one()
    return NewComment(provision, Stance(stance) if stance else None, body)


def file(
    session: Session,
    consultation: Consultation,
    *said: str | NewComment,
    answers: dict[int, str] | None = None,
    organisation: str | None = None,
    person: str | None = None,
    published: bool = False,
    language: str = "en",
    **values: Any,
) -> Submission:
    """A submission of these words on paragraph 1.1, or of these comments; `published=True` to have it decided too."""
    rule = NameRule.ORGANISATION if organisation else NameRule.OWN if person else NameRule.NONE
    questions = session.scalars(select(Question).where(Question.consultation_id == consultation.id)).all()
    row = service.file(
        session, consultation=consultation, key=f"test-{next(_keys)}",
        by=Submitter(name_rule=rule, organisation_name=organisation, person_name=person, language=language),
        comments=[comment(session, consultation, words) if isinstance(words, str) else words for words in said],
        answers=[NewAnswer(questions[n].id, words) for n, words in (answers or {}).items()], **values,
    )  # fmt: skip
    if published:
        decide(session, row, State.PUBLISHED)
    return row


def decide(session: Session, row: Submission, state: State, reason: str | None = None) -> None:
    """Moves a submission, as a moderator or its author would."""
    if state is State.ERASED:
        service.erase(session, row)
    elif state is State.WITHDRAWN:
        service.withdraw(session, row)
    else:
        service.transition(session, row, state=state, actor="moderator", reason=reason)


def numbered(session: Session) -> int:
    """Commits, numbers what has committed, and gives the open end of a window over all of it."""
    session.commit()
    ledger.number_entries(session)
    session.commit()
    return ledger.head(session)
