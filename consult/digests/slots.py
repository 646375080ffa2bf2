"""Slots on the desk and on "What we heard", for packages above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.slots import Slot, collect


@dataclass(frozen=True)
class DeskDue(Slot):
    """On top of a policymaker's desk: what is due from them."""

    name = "desk.due"
    account: Account
    at: datetime


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
class LetterTasks(Slot):
    """In the letters of a digest: by account, what waits for its answer. Fillings find a mapping of `ReaderTask`."""

    name = "letter.tasks"
    consultation_id: int
    account_ids: Sequence[int]
    today: date


def get_reader_tasks(
    session: Session, consultation_id: int, account_ids: Sequence[int], today: date
) -> dict[int, ReaderTask]:
    """What waits for the answers of these accounts, as the packages above know it."""
    tasks: dict[int, ReaderTask] = {}
    for found in collect(session, LetterTasks(consultation_id, account_ids, today)).found(LetterTasks):
        tasks |= cast("dict[int, ReaderTask]", found)
    return tasks
