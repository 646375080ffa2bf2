"""The answers of the sample: given, changed and asked for as they would have been, by the verbs that pages call."""

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
from consult.responses import changes, reading, service
from consult.responses.model import Outcome
from consult.responses.service import Given

_FILE = Path(__file__).parent / "samples" / "answers.toml"
_ASKED = "prison-health-standards", "Train staff, and protect those who act"
"""The argument whose answer is asked of an admin."""


@dataclass(frozen=True)
class Answered:
    consultation: str
    argument: str
    days: float  # how long ago it was given
    outcome: str
    reasons: str
    due_days: int = 0  # from now; past days are overdue
    change: str = ""  # the number of the paragraph that changed


def events(
    session: Session, *, now: datetime, owner: Account, admin: Account, consultations: Mapping[str, Consultation]
) -> Iterator[tuple[datetime, Callable[[], object]]]:  # fmt: skip
    """What is answered, and when. The arguments are there by then: the digest before told of them."""
    for row in tomllib.loads(_FILE.read_text(encoding="utf-8"))["answer"]:
        answered = Answered(**row)
        at = now - timedelta(days=answered.days)
        yield at, partial(_answer, session, consultations, answered, owner, now, at)
    asked = now - timedelta(days=12)
    yield asked, partial(_ask, session, consultations, owner, admin, asked)


def _ask(
    session: Session, consultations: Mapping[str, Consultation], owner: Account, admin: Account, at: datetime
) -> None:  # fmt: skip
    argument = _argument(session, consultations[_ASKED[0]], _ASKED[1])
    if argument is not None:
        service.assign(session, argument_id=argument.id, by=owner, owner_id=admin.id, at=at)


def _answer(
    session: Session, consultations: Mapping[str, Consultation], answered: Answered, owner: Account, now: datetime,
    at: datetime,
) -> None:  # fmt: skip
    row = consultations[answered.consultation]
    argument = _argument(session, row, answered.argument)
    if argument is None:
        return
    wanted = (one for one in changes.options(session, row) if one.place.name == answered.change)
    found, change = reading.present(session, argument.id), next(wanted, None)
    due_on = (now + timedelta(days=answered.due_days)).date() if answered.due_days else None
    given = Given(
        Outcome(answered.outcome), answered.reasons.strip(), due_on,
        (change.version_id, change.place.id) if change else None,
    )  # fmt: skip
    service.answer(session, argument_id=argument.id, by=owner, given=given, seen=found.token if found else "", at=at)


def _argument(session: Session, row: Consultation, name: str) -> Argument | None:
    return session.scalar(select(Argument).where(Argument.consultation_id == row.id, Argument.name == name))
