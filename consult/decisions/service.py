"""Decisions on public content in all packages: a second person if needed, 30 seconds to undo, then the effect.

A package describes its content in a `DecisionProcess`. Decisions are not visible outside before they take effect.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text
from consult.core.web.access import Allow, require_allowed
from consult.decisions import appeals, letters, reasons, reports
from consult.decisions import policy as policies
from consult.decisions.kinds import check_uninvolved
from consult.decisions.model import DecisionColumns, DecisionEnd, Outcome
from consult.decisions.process import DecisionProcess, get_open, lock_item

UNDO_DELAY = timedelta(seconds=30)
"""The time during which a decision made on a page can be undone."""
_SILENCING = (Outcome.WITHHOLD, Outcome.WITHDRAW, Outcome.RETRACT)
_ANSWERS = (Outcome.REJECT_APPEAL, Outcome.ACCEPT_APPEAL)


class TooLateToUndo(Conflict):
    """The decision has already taken effect."""


class UndoableRow(Protocol):
    """A decision or an answer in the table of any kind of statement."""

    ended: Any
    ended_at: Any


def decide(
    session: Session,
    process: DecisionProcess,
    *,
    item_id: int,
    by: Account,
    outcome: Outcome,
    policy: int | None = None,
    mark: str | None = None,
    reason: str | None = None,
    note: str = "",
    delay: timedelta = UNDO_DELAY,
    at: datetime | None = None,
) -> DecisionColumns:
    """Decide on a statement. The decision takes effect after `delay`, or waits for a second person.

    `mark` identifies the text that was read; `policy` is the policy version, by default the current one. Raises
    Forbidden, InterestedDecider, Conflict and Refusal.
    """
    item = _lock_undecided(session, process, item_id, by, mark)
    row: DecisionColumns = process.decision(
        item_id=item_id,
        moderator_id=by.id,
        outcome=outcome,
        policy=policy or policies.get_current(session).number,
        mark=process.get_mark(item),
        reason=reason,
        note=clean_text(note),
        at=at or now(),
    )
    _check(session, process, item, row, by)
    row.due_at = None if needs_second(session, process, item, outcome) else row.at + delay
    session.add(row)
    session.flush()
    return row


def _lock_undecided(session: Session, process: DecisionProcess, item_id: int, by: Account, mark: str | None) -> Any:
    """Lock and return the statement if the person may decide on it and has read its current text."""
    require_allowed(Allow.MODERATOR, by.role)
    item = lock_item(session, process, item_id)
    check_uninvolved(session, process.kind, item_id, by)
    if mark is not None and mark != process.get_mark(item):
        raise Conflict(_("This changed after you opened it. Read it again, then decide."))
    if get_open(session, process, item_id) is not None:
        raise Conflict(_("Someone else has already decided on this."))
    return item


def needs_second(session: Session, process: DecisionProcess, item: Any, outcome: Outcome) -> bool:
    """Return True if two people must decide: to withhold an organisation's statement, or on an appeal after two
    decided."""
    if outcome is Outcome.ACCEPT_APPEAL:
        return appeals.get_waiting(session, process, item.id)[1].second_id is not None
    return outcome in _SILENCING and process.speaks_for_many(session, item)


def _check(session: Session, process: DecisionProcess, item: Any, row: DecisionColumns, by: Account) -> None:
    """Raise a Refusal if the person cannot make this decision now."""
    if row.reason is not None and row.reason not in dict(reasons.list_choices(session)):
        raise Refusal(_("Choose a reason."), field="reason")
    if row.outcome in _ANSWERS:
        appeals.check_answer(session, process, row, item.id, by)
    elif row.outcome == Outcome.KEEP:
        reports.check_kept(session, process, item, by)
    else:
        process.check(session, item, row)


def agree(
    session: Session,
    process: DecisionProcess,
    *,
    decision_id: int,
    by: Account,
    delay: timedelta = UNDO_DELAY,
    at: datetime | None = None,
) -> DecisionColumns:
    """Agree to a decision as the second person. Raises Forbidden, InterestedDecider and Conflict."""
    row, item = _lock_proposed(session, process, decision_id, by)
    _check(session, process, item, row, by)
    row.second_id, row.due_at = by.id, (at or now()) + delay
    session.flush()
    return row


def disagree(
    session: Session, process: DecisionProcess, *, decision_id: int, by: Account, at: datetime | None = None
) -> DecisionColumns:
    """Reject a proposed decision as the second person. The statement waits again."""
    row, _item = _lock_proposed(session, process, decision_id, by)
    row.ended, row.ended_at = DecisionEnd.TAKEN_BACK, at or now()
    session.flush()
    return row


def undo(
    session: Session, process: DecisionProcess, *, decision_id: int, by: Account, at: datetime | None = None
) -> DecisionColumns:
    """Undo one's own or agreed decision before it takes effect. Safe to repeat.

    Raises TooLateToUndo, and the same NotFound for another person's decision and for none.
    """
    row = _lock(session, process, decision_id)
    if row is None or by.id not in (row.moderator_id, row.second_id):
        raise NotFound(_("You have no decision here to undo."))
    take_back(row, late=_("This decision has already taken effect."), at=at)
    session.flush()
    return row


def take_back(row: UndoableRow, *, late: str, at: datetime | None = None) -> bool:
    """End a decision that has not taken effect. Return False if it was ended already. Raises TooLateToUndo."""
    if row.ended not in (None, DecisionEnd.TAKEN_BACK):
        raise TooLateToUndo(late)
    if row.ended is not None:
        return False
    row.ended, row.ended_at = DecisionEnd.TAKEN_BACK, at or now()
    return True


def apply_due(session: Session, process: DecisionProcess, *, at: datetime | None = None, most: int = 200) -> int:
    """Carry out due decisions and return their number. Safe to repeat.

    A decision whose text was changed since, or that has become impossible, is marked as overtaken.
    """
    moment, table = at or now(), process.decision
    due = session.scalars(
        select(table)
        .where(table.ended.is_(None), table.due_at <= moment)
        .order_by(table.due_at, table.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for row in due:
        item = lock_item(session, process, row.item_id)
        is_same = process.get_mark(item) == row.mark
        if not is_same or not _try_to_carry_out(session, process, item, row, moment):
            row.ended, row.ended_at = DecisionEnd.OVERTAKEN, moment
        session.flush()
    return len(due)


def _try_to_carry_out(
    session: Session, process: DecisionProcess, item: Any, row: DecisionColumns, at: datetime
) -> bool:
    try:
        with session.begin_nested():
            _carry_out(session, process, item, row, at)
    except Refusal:
        return False
    return True


def _carry_out(session: Session, process: DecisionProcess, item: Any, row: DecisionColumns, at: datetime) -> None:
    """Carry out a decision. Depending on its outcome, notify the author or the readers who reported the statement."""
    by = session.get_one(Account, row.moderator_id)
    check_uninvolved(session, process.kind, item.id, by, session.get(Account, row.second_id or 0))
    _check(session, process, item, row, by)
    row.ended, row.ended_at = DecisionEnd.TOOK_EFFECT, at
    session.flush()
    was_public = process.is_public(item)
    if row.outcome not in (Outcome.REJECT_APPEAL, Outcome.KEEP):
        process.apply(session, item, row)
    if row.outcome in _ANSWERS:
        appeals.close(session, process, item, row, by)
    elif row.outcome != Outcome.KEEP:
        letters.post_decided(session, process, item, row)
    if row.outcome == Outcome.KEEP or (was_public and not process.is_public(item)):
        reports.close(session, process, item, row, by)


def decide_at_once(
    session: Session,
    process: DecisionProcess,
    *,
    item_id: int,
    by: Account,
    outcome: Outcome,
    second: Account | None = None,
    reason: str | None = None,
    note: str = "",
    at: datetime | None = None,
) -> DecisionColumns:
    """Decide with immediate effect, as in the sample. Cannot be undone. Raises what `decide` raises.

    Raises Forbidden if two people are needed and `second` is missing.
    """
    moment = at or now()
    row = decide(
        session, process, item_id=item_id, by=by, outcome=outcome, reason=reason, note=note, delay=timedelta(), at=at
    )
    if row.due_at is None:
        if second is None:
            raise Forbidden(_("Two moderators must decide this."))
        agree(session, process, decision_id=row.id, by=second, delay=timedelta(), at=moment)
    _carry_out(session, process, lock_item(session, process, item_id), row, moment)
    return row


def _lock(session: Session, process: DecisionProcess, decision_id: int) -> DecisionColumns | None:
    row: DecisionColumns | None = session.get(
        process.decision, decision_id, with_for_update=True, populate_existing=True
    )
    return row


def _lock_proposed(
    session: Session, process: DecisionProcess, decision_id: int, by: Account
) -> tuple[DecisionColumns, Any]:
    require_allowed(Allow.MODERATOR, by.role)
    row = _lock(session, process, decision_id)
    if row is None or row.ended is not None or row.due_at is not None:
        raise Conflict(_("This decision no longer needs a second person."))
    if row.moderator_id == by.id:
        raise Forbidden(_("You proposed this, so someone else must approve it."))
    check_uninvolved(session, process.kind, row.item_id, by)
    return row, lock_item(session, process, row.item_id)
