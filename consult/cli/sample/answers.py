"""Sample answers to arguments: given, amended and assigned through the normal services."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.responses import answer_queries, draft_changes, lateness, service
from consult.responses.actions.service import LEADS_SOMEWHERE, ProposedAction
from consult.responses.model import AnswerOutcome
from consult.responses.service import ProposedAnswer

_FILE = Path(__file__).parent / "data" / "answers.toml"
_ASKED = "prison-health-standards", "Train staff, and protect those who act"
"""The argument whose answer is assigned to an administrator."""


@dataclass(frozen=True)
class SampleAnswer:
    consultation: str
    argument: str
    days: float  # when it was given, in days before now
    outcome: str
    reasons: str
    due_days: int = 0  # due date in days from now; negative: overdue
    change: str = ""  # number of the changed paragraph
    what: str = ""  # planned action; empty if the change is the whole answer
    who: str = ""
    in_days: int = 0  # due date of the action in days from now
    lateness: str = ""  # reason for a late answer


def answer_events(
    session: Session, *, now: datetime, owner: Account, admin: Account, consultations: Mapping[str, Consultation]
) -> Iterator[tuple[datetime, Callable[[], object]]]:
    """Yield the events of answers with their times. Their arguments were listed in an earlier digest."""
    for row in tomllib.loads(_FILE.read_text(encoding="utf-8"))["answer"]:
        answered = SampleAnswer(**row)
        at = now - timedelta(days=answered.days)
        yield at, partial(_answer, session, consultations, answered, owner, now, at)
    asked = now - timedelta(days=12)
    yield asked, partial(_ask, session, consultations, owner, admin, asked)


def _ask(
    session: Session, consultations: Mapping[str, Consultation], owner: Account, admin: Account, at: datetime
) -> None:
    argument = _argument(session, consultations[_ASKED[0]], _ASKED[1])
    if argument is not None:
        service.assign(session, argument_id=argument.id, by=owner, owner_id=admin.id, at=at)


def _answer(
    session: Session,
    consultations: Mapping[str, Consultation],
    answered: SampleAnswer,
    owner: Account,
    now: datetime,
    at: datetime,
) -> None:
    row = consultations[answered.consultation]
    argument = _argument(session, row, answered.argument)
    if argument is None:
        return
    wanted = (option for option in draft_changes.list_options(session, row) if option.place.name == answered.change)
    found, change = answer_queries.find_current_answer(session, argument.id), next(wanted, None)
    due_on = (now + timedelta(days=answered.due_days)).date() if answered.due_days else None
    given = ProposedAnswer(
        AnswerOutcome(answered.outcome),
        answered.reasons.strip(),
        due_on,
        (change.version_id, change.place.id) if change else None,
        ProposedAction(answered.what, answered.who, (now + timedelta(days=answered.in_days)).date())
        if answered.what
        else None,
        answered.outcome in LEADS_SOMEWHERE and not answered.what,
    )
    service.answer_argument(
        session, argument_id=argument.id, by=owner, given=given, seen=found.token if found else "", at=at
    )
    if answered.lateness:
        lateness.explain(session, number=argument.id, by=owner, words=answered.lateness, at=at)


def _argument(session: Session, row: Consultation, name: str) -> Argument | None:
    return session.scalar(select(Argument).where(Argument.consultation_id == row.id, Argument.name == name))
