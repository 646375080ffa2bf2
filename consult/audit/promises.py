"""The record of a body computed again from ledger entries alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.audit.findings import Finding
from consult.audit.guard import check_each
from consult.ledger.kinds import RESPONSE_KINDS
from consult.ledger.model import Kind, LedgerEntry
from consult.responses.model import AnswerOutcome, Response

STEP = 500


@dataclass(frozen=True)
class PromiseState:
    """The state of one argument according to the ledger: body, due date and date of the answer (None while due)."""

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
    """Return the record of a body from its ledger entries and those of bodies merged into it."""
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
    """Return the state after a sequence of entries about one argument, oldest first."""
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
    """Return the findings of the next answers of bodies: the body and the due date of each."""
    wanted = select(Response.id).where(Response.id > after, Response.body_id.is_not(None))
    ids = session.scalars(wanted.order_by(Response.id).limit(STEP)).all()
    return check_each(session, ids, _check, about="Answer {} of a body"), ids[-1] if ids else None


def _check(session: Session, ids: Sequence[int]) -> Iterator[Finding]:
    rows = session.scalars(select(Response).where(Response.id.in_(ids)).order_by(Response.id)).all()
    wanted = select(LedgerEntry).where(
        LedgerEntry.subject_id.in_([row.argument_id for row in rows]), LedgerEntry.kind.in_(RESPONSE_KINDS)
    )
    merges = load_merges(session)
    entries = _by_subject(session.scalars(wanted.order_by(LedgerEntry.id)).all())
    found = (_compare(row, entries.get(row.argument_id, ()), merges) for row in rows)
    yield from (one for one in found if one)


def load_merges(session: Session) -> dict[int, int]:
    """Return the ID of the remaining body by the ID of each merged one."""
    merges: dict[int, int] = {}
    wanted = select(LedgerEntry.detail).where(LedgerEntry.kind == Kind.BODY_MERGED).order_by(LedgerEntry.id)
    for detail in session.scalars(wanted):
        merges[detail["from"]] = detail["into"]
        merges.update({old: detail["into"] for old, new in merges.items() if new == detail["from"]})
    return merges


def _compare(row: Response, entries: Sequence[LedgerEntry], merges: Mapping[int, int]) -> Finding | None:
    """Compare an answer with its entries. Answers from before bodies were introduced are not checked."""
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
