"""The record of a body counted again from the entries of the ledger alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.audit.findings import Finding
from consult.ledger.kinds import RESPONSE_KINDS
from consult.ledger.model import Kind, LedgerEntry
from consult.responses.model import AnswerOutcome, Response

STEP = 500


@dataclass(frozen=True)
class PromiseState:
    """What the entries say of one argument: whose answer, owed on which day, made on which; None while it is owed."""

    body_id: int | None
    due: date | None
    answered: date | None = None
    missed: bool = False
    changed: bool = False

    @property
    def kept(self) -> bool:
        return self.due is not None and self.answered is not None and self.answered <= self.due

    @property
    def late(self) -> bool:
        return self.due is not None and self.answered is not None and self.answered > self.due


@dataclass(frozen=True)
class PromiseCounts:
    kept: int
    late: int
    overdue: int
    changed: int


def count_by_ledger(session: Session, body_id: int) -> PromiseCounts:
    """The record of a body from its entries, and from those of bodies that were merged into it."""
    ids = [body_id, *(old for old, new in load_merges(session).items() if new == body_id)]
    wanted = select(LedgerEntry).where(
        LedgerEntry.kind.in_([*RESPONSE_KINDS, Kind.PROMISE_MISSED]),
        LedgerEntry.detail["body"].as_integer().in_(ids),
    )
    states = [fold(entries) for entries in _by_subject(session.scalars(wanted.order_by(LedgerEntry.id)).all()).values()]
    return PromiseCounts(
        sum(it.kept for it in states),
        sum(it.late for it in states),
        sum(it.missed and it.answered is None for it in states),
        sum(it.changed and it.answered is not None for it in states),
    )


def fold(entries: Sequence[LedgerEntry]) -> PromiseState:
    """What a sequence of entries about one argument comes to, the oldest first."""
    state = PromiseState(None, None)
    for entry in entries:
        said: Mapping[str, Any] = entry.detail
        if entry.kind == Kind.PROMISE_MISSED:
            state = PromiseState(said["body"], _day(said.get("due")), missed=True)
            continue
        deferred = said["outcome"] == AnswerOutcome.DEFERRED
        was_open = state.answered is None
        answered = None if deferred else entry.at.date() if was_open else state.answered
        due = _day(said.get("promised_for"))
        state = PromiseState(said.get("body"), due, answered, changed="changed" in said)
    return state


def check_next(session: Session, *, after: int) -> tuple[list[Finding], int | None]:
    """Findings of the next answers of bodies: whose each is, and on which day it was owed."""
    rows = session.scalars(
        select(Response).where(Response.id > after, Response.body_id.is_not(None)).order_by(Response.id).limit(STEP)
    ).all()
    if not rows:
        return [], None
    wanted = select(LedgerEntry).where(
        LedgerEntry.subject_id.in_([row.argument_id for row in rows]), LedgerEntry.kind.in_(RESPONSE_KINDS)
    )
    merges = load_merges(session)
    entries = _by_subject(session.scalars(wanted.order_by(LedgerEntry.id)).all())
    found = (_compare(row, entries.get(row.argument_id, ()), merges) for row in rows)
    return [one for one in found if one], rows[-1].id


def load_merges(session: Session) -> dict[int, int]:
    """By the number of each body that was merged into another: that of the one which is left."""
    found: dict[int, int] = {}
    wanted = select(LedgerEntry.detail).where(LedgerEntry.kind == Kind.BODY_MERGED).order_by(LedgerEntry.id)
    for detail in session.scalars(wanted):
        found[detail["from"]] = detail["into"]
        found.update({old: detail["into"] for old, new in found.items() if new == detail["from"]})
    return found


def _compare(row: Response, entries: Sequence[LedgerEntry], merges: Mapping[int, int]) -> Finding | None:
    """Nothing is said of an answer whose entries are from before there were bodies."""
    if not entries or "body" not in entries[-1].detail:
        return None
    last = entries[-1].detail
    if (merges.get(last["body"], last["body"]), _day(last.get("promised_for"))) == (row.body_id, row.promised_for):
        return None
    about = f"Answer to argument {row.argument_id}"
    return Finding("promise", about, row.id, {"entry": entries[-1].number})


def _by_subject(entries: Sequence[LedgerEntry]) -> Mapping[int, Sequence[LedgerEntry]]:
    found: dict[int, list[LedgerEntry]] = {}
    for entry in entries:
        found.setdefault(entry.subject_id, []).append(entry)
    return found


def _day(said: object) -> date | None:
    return date.fromisoformat(str(said)) if said else None
