"""A body's explanation of a late answer, in one line. It changes neither the answer nor the record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import _
from consult.core.text import one_line
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.responses import service
from consult.responses.model import AnswerOutcome, Response

MOST = 200


class NoLateAnswer(Conflict):
    """The answer was not late, so it cannot be explained."""

    def __init__(self) -> None:
        super().__init__(_("We cannot find a late answer here."))


def is_late(row: Response) -> bool:
    """Return whether the answer was given after its promised date."""
    stands = row.outcome is not AnswerOutcome.DEFERRED and row.promised_for is not None
    return stands and row.answered_at.date() > (row.promised_for or row.answered_at.date())


def explain(session: Session, *, number: int, by: Account, words: str, at: datetime | None = None) -> None:
    """Explain a late answer in one line, which cannot be removed later. Raises Refusal, Forbidden."""
    argument = service.get_answerable(session, number, by)
    consultation = session.get_one(Consultation, argument.consultation_id)
    service.check_may_answer(session, consultation, argument, by)
    row = session.scalar(
        select(Response)
        .join(Argument, Argument.id == Response.argument_id)
        .where((Argument.id == argument.id) | (Argument.merged_into_id == argument.id))
        .order_by(Argument.merged_into_id.nulls_first(), Response.id)
        .limit(1)
        .with_for_update(of=Response)
    )
    if row is None or not is_late(row):
        raise NoLateAnswer
    said = one_line(words)
    if len(said) > MOST:
        raise Refusal(_("Use one line of at most %(most)s characters.", most=MOST), field="lateness")
    row.lateness = said or None
    actor = pseudonym("account", by.id)
    ledger.record(
        session,
        Kind.PROMISE_EXPLAINED,
        subject_id=argument.id,
        consultation_id=argument.consultation_id,
        actor=actor,
        at=at or now(),
    )
    session.flush()
