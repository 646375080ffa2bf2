"""Slots on the workspace and on “What we heard” for upper packages."""

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
    """The slot at the top of a policymaker's workspace for their due tasks."""

    name = "desk.due"
    account: Account
    at: datetime


REVIEWED: dict[str, Callable[[Session, int], ReviewedPlanRow | None]] = {}
"""Functions of upper packages that return the plan reviewed by a consultation, by package name."""


@dataclass(frozen=True)
class HeardAnswers(Slot):
    """The slot above the arguments of “What we heard”."""

    name = "heard.answers"
    consultation: Consultation
    argued: bool  # whether arguments are shown


@dataclass(frozen=True)
class ReaderTask:
    """The answers due from one reader in one consultation."""

    waiting: int
    late: int
    due: date | None  # due date of the first
    url: str  # page to answer the first


@dataclass(frozen=True)
class AnswersOwed:
    """The answers due in a consultation, by anyone."""

    waiting: int
    late: int
    due: date | None  # due date of the first


OwedQuery = Callable[[Session, int, date], AnswersOwed]
TaskQuery = Callable[[Session, int, Sequence[int], date], Mapping[int, ReaderTask]]
_tasks: list[TaskQuery] = []
_owed: list[OwedQuery] = []


def fill_tasks(query: TaskQuery, owed: OwedQuery) -> None:
    """Register functions for due answers on a day: of some accounts in a consultation, and (`owed`) of anyone."""
    _tasks[:], _owed[:] = [query], [owed]


def get_answers_owed(session: Session, consultation_id: int, today: date) -> AnswersOwed | None:
    """Return the answers due in a consultation, or None if no upper package is registered."""
    return next((query(session, consultation_id, today) for query in _owed), None)


def get_reader_tasks(
    session: Session, consultation_id: int, account_ids: Sequence[int], today: date
) -> Mapping[int, ReaderTask]:
    """Return the answers due from these accounts, by account ID."""
    return {
        number: task for query in _tasks for number, task in query(session, consultation_id, account_ids, today).items()
    }


@dataclass(frozen=True)
class PlaceReply:
    """The state of checked or answered arguments on a part of the draft. `due` is the first due date of an answer."""

    answered: int
    waiting: int
    due: date | None


ReplyQuery = Callable[[Session, int, date], Mapping[str, PlaceReply]]
_replies: list[ReplyQuery] = []


def fill_replies(query: ReplyQuery) -> None:
    """Register the function that returns the answers of a consultation by part of the draft on a day."""
    _replies[:] = [query]


def get_place_replies(session: Session, consultation_id: int, today: date) -> Mapping[str, PlaceReply]:
    """Return the answers of a consultation by part of the draft, from the registered function."""
    return {place: reply for query in _replies for place, reply in query(session, consultation_id, today).items()}
