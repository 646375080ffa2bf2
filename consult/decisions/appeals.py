"""Appeals of authors: one against each decision, within the policy's time limit, answered by an uninvolved moderator.

The decision applies until the appeal is answered. The answer is a decision on the same statement, with outcome
`REJECT_APPEAL` or `ACCEPT_APPEAL`; see service.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import clean_text
from consult.decisions import letters, policy
from consult.decisions.model import HELD_OUTCOMES, AppealOutcome, DecisionColumns, DecisionEnd, Outcome
from consult.decisions.process import (
    PROCESSES,
    DecisionProcess,
    InvolvedInDecision,
    NothingToAppeal,
    ProcessStep,
    RecordedStep,
    get_open,
    get_people,
    lock_item,
)

MAX_WORDS = 2000


@dataclass(frozen=True)
class StatementAppealGround:
    """A decision that an author can appeal against, and the appeal if there is one."""

    decision: DecisionColumns
    appeal: Any
    until: datetime  # an appeal can be made before this
    at: datetime

    @property
    def open(self) -> bool:
        """Return True if an appeal can be made now."""
        return self.appeal is None and self.at < self.until


def load_grounds(
    session: Session, process: DecisionProcess, items: Collection[Any], *, at: datetime | None = None
) -> Mapping[int, StatementAppealGround]:
    """Return the decisions that can be appealed, by statement ID, with two queries."""
    table, appeal = process.decision, process.appeal
    by_id = {item.id: item for item in items}
    rows = session.execute(
        select(table, appeal)
        .outerjoin(appeal, appeal.decision_id == table.id)
        .where(table.item_id.in_(by_id), table.ended == DecisionEnd.TOOK_EFFECT, table.outcome.in_(HELD_OUTCOMES))
        .order_by(table.id)
    ).all()
    last = {decision.item_id: (decision, filed) for decision, filed in rows}
    held = {number: pair for number, pair in last.items() if process.is_held(by_id[number], pair[0])}
    days = policy.load_appeal_days(session) if held else {}
    return {
        number: StatementAppealGround(
            decision, filed, decision.ended_at + timedelta(days=days[decision.policy]), at or now()
        )
        for number, (decision, filed) in held.items()
        if decision.ended_at is not None
    }


def find_ground(
    session: Session, process: DecisionProcess, item: Any, *, at: datetime | None = None
) -> StatementAppealGround | None:
    """Return the decision that the author can appeal against, or None."""
    return load_grounds(session, process, [item], at=at).get(item.id)


def file(
    session: Session, process: DecisionProcess, *, item_id: int, by: Account, words: str, at: datetime | None = None
) -> Any:
    """File an author's appeal. A repeated call returns the same one. Raises Forbidden, NothingToAppeal and Refusal."""
    item, text = lock_item(session, process, item_id), clean_text(words)
    if item.account_id != by.id:
        raise Forbidden(_("Only the author can appeal."))
    ground = find_ground(session, process, item, at=at)
    if ground is not None and ground.appeal is not None:
        return ground.appeal
    if ground is None or get_open(session, process, item_id) is not None:
        raise NothingToAppeal(_("There is no decision here that you can appeal against."))
    if not ground.open:
        raise NothingToAppeal(_("The time limit for an appeal against this decision has passed."))
    if not text:
        raise Refusal(_("Explain why another person should change the decision"), field="words")
    if len(text) > MAX_WORDS:
        raise Refusal(_("Shorten this to %(most)s characters.", most=MAX_WORDS), field="words")
    appeal = process.appeal(item_id=item_id, decision_id=ground.decision.id, words=text, received_at=ground.at)
    session.add(appeal)
    session.flush()
    decision = ground.decision
    detail = {"policy": decision.policy}
    process.record(session, item, RecordedStep(ProcessStep.APPEALED, by, ground.at, decision.reason, detail))
    letters.post_appeal_received(session, process, item, appeal)
    return appeal


def list_waiting(session: Session, process: DecisionProcess) -> Sequence[tuple[Any, Any, DecisionColumns]]:
    """Return open appeals, oldest first, each with its statement and decision. Uses one query."""
    appeal, item, decision = process.appeal, process.item, process.decision
    rows = session.execute(
        select(appeal, item, decision)
        .join(item, item.id == appeal.item_id)
        .join(decision, decision.id == appeal.decision_id)
        .where(appeal.outcome.is_(None))
        .order_by(appeal.received_at, appeal.id)
        .limit(200)
    )
    return [tuple(row) for row in rows]


def get(session: Session, process: DecisionProcess, number: int) -> tuple[Any, Any, DecisionColumns]:
    """Return an appeal with its statement and decision. Raises NotFound."""
    appeal = session.get(process.appeal, number)
    if appeal is None:
        raise NotFound(_("We cannot find this appeal."))
    item = session.get_one(process.item, appeal.item_id)
    return appeal, item, session.get_one(process.decision, appeal.decision_id)


def get_waiting(session: Session, process: DecisionProcess, item_id: int) -> tuple[Any, DecisionColumns]:
    """Return the open appeal on a statement, and the decision. Raises Conflict."""
    table = process.appeal
    waiting = select(table).where(table.item_id == item_id, table.outcome.is_(None)).order_by(table.id.desc())
    appeal = session.scalar(waiting.limit(1))
    if appeal is None:
        raise Conflict(_("This appeal was already answered, or the decision has changed."))
    return appeal, session.get_one(process.decision, appeal.decision_id)


def check_answer(session: Session, process: DecisionProcess, row: DecisionColumns, item_id: int, by: Account) -> None:
    """Raise Conflict, InvolvedInDecision or a Refusal if the person cannot give this answer now."""
    _appeal, decision = get_waiting(session, process, item_id)
    if by.id in get_people(decision):
        raise InvolvedInDecision(_("You made this decision, so another moderator must answer the appeal."))
    if not row.note:
        raise Refusal(_("Enter a reason. The author sees it."), field="note")


def close(session: Session, process: DecisionProcess, item: Any, answer: DecisionColumns, by: Account) -> None:
    """Close the open appeal with this answer, and notify the author."""
    appeal, decision = get_waiting(session, process, item.id)
    rejected = answer.outcome == Outcome.REJECT_APPEAL
    appeal.outcome = AppealOutcome.REJECTED if rejected else AppealOutcome.ACCEPTED
    appeal.answered_at, appeal.moderator_id, appeal.answer = answer.ended_at, by.id, answer.note
    session.flush()
    if rejected and answer.ended_at is not None:
        process.record(session, item, RecordedStep(ProcessStep.APPEAL_REJECTED, by, answer.ended_at, decision.reason))
    letters.post_appeal_answered(session, process, item, appeal, decision)


def lapse(session: Session, table: Any, item_id: int, *, at: datetime | None = None) -> None:
    """Close open appeals because the author changed or withdrew the statement."""
    waiting = update(table).where(table.item_id == item_id, table.outcome.is_(None))
    session.execute(waiting.values(outcome=AppealOutcome.LAPSED, answered_at=at or now()))


def list_own(session: Session, process: DecisionProcess, account: Account) -> Sequence[Any]:
    """Return an author's appeals, oldest first."""
    table, item = process.appeal, process.item
    own = select(table).join(item, item.id == table.item_id).where(item.account_id == account.id)
    return session.scalars(own.order_by(table.id)).all()


def detach_account(session: Session, *, account_id: int) -> None:
    """Erase the words of an account's appeals, and close open ones."""
    for process in PROCESSES.values():
        table, item = process.appeal, process.item
        own = table.item_id.in_(select(item.id).where(item.account_id == account_id))
        ended = func.coalesce(table.outcome, AppealOutcome.LAPSED.value)
        session.execute(update(table).where(own).values(words="", outcome=ended))
