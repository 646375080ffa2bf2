"""Slots on the desk and on "What we heard", for packages above."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.slots import Slot
from consult.digests.content.rows import ReviewedPlanRow


@dataclass(frozen=True)
class DeskDue(Slot):
    """On top of a policymaker's desk: what is due from them."""

    name = "desk.due"
    account: Account
    at: datetime


REVIEWED: dict[str, Callable[[Session, int], ReviewedPlanRow | None]] = {}
"""What packages above say of the plan that a consultation reviews, by the name of the package."""


@dataclass(frozen=True)
class HeardAnswers(Slot):
    """Above the arguments of "What we heard"."""

    name = "heard.answers"
    consultation: Consultation
    argued: bool  # whether arguments are shown


@dataclass(frozen=True)
class ReaderTask:
    """The answers that one reader owes in one consultation."""

    waiting: int
    late: int
    due: date | None  # of the first
    url: str  # where the first is answered


@dataclass(frozen=True)
class AnswersOwed:
    """The answers that a consultation owes, whoever is to give them."""

    waiting: int
    late: int
    due: date | None  # of the first


OwedQuery = Callable[[Session, int, date], AnswersOwed]
TaskQuery = Callable[[Session, int, Sequence[int], date], Mapping[int, ReaderTask]]
_tasks: list[TaskQuery] = []
_owed: list[OwedQuery] = []


def fill_tasks(query: TaskQuery, owed: OwedQuery) -> None:
    """Registers what tells, of a consultation and some accounts, what waits for their answers on a day.

    `owed` tells what waits for anybody's.
    """
    _tasks[:], _owed[:] = [query], [owed]


def get_answers_owed(session: Session, consultation_id: int, today: date) -> AnswersOwed | None:
    """What waits for an answer in a consultation, as the package above knows it."""
    return next((query(session, consultation_id, today) for query in _owed), None)


def get_reader_tasks(
    session: Session, consultation_id: int, account_ids: Sequence[int], today: date
) -> Mapping[int, ReaderTask]:
    """What waits for the answers of these accounts, as the package above knows it."""
    return {
        number: task for query in _tasks for number, task in query(session, consultation_id, account_ids, today).items()
    }


@dataclass(frozen=True)
class PlaceReply:
    """How the arguments on a place stand that a person has checked; `due` is the first day an answer is owed by."""

    answered: int
    waiting: int
    due: date | None


ReplyQuery = Callable[[Session, int, date], Mapping[str, PlaceReply]]
_replies: list[ReplyQuery] = []


def fill_replies(query: ReplyQuery) -> None:
    """Registers what tells how the arguments of a consultation are answered, by place, on a day."""
    _replies[:] = [query]


def get_place_replies(session: Session, consultation_id: int, today: date) -> Mapping[str, PlaceReply]:
    """The replies of a consultation by place, as the package above knows them."""
    return {place: reply for query in _replies for place, reply in query(session, consultation_id, today).items()}
