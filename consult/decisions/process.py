"""The decision process of each kind of public statement, declared by its package, and queries common to all kinds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.errors import Conflict, Forbidden, NotFound
from consult.core.i18n import _
from consult.decisions.kinds import DecidedKind
from consult.decisions.model import DecisionColumns, DecisionEnd, Outcome

PROCESSES: dict[str, DecisionProcess] = {}
"""Decision processes by the name of the kind of statement."""


class InvolvedInDecision(Forbidden):
    """A person involved in the decision cannot answer the appeal against it."""


class NothingToAppeal(Conflict):
    """There is no decision to appeal against, or the appeal period is over."""


class OwnPublication(Forbidden):
    """The person who published a statement cannot alone decide to keep it."""


class DecisionMatter(StrEnum):
    """The occasion for a decision on a statement."""

    TEXT = "text"  # it waits to be published
    PUBLIC = "public"  # it is public, and was perhaps reported
    APPEAL = "appeal"


class ProcessStep(StrEnum):
    """A step about a statement in the ledger, other than decisions."""

    APPEALED = "appealed"
    APPEAL_REJECTED = "appeal_rejected"
    REPORTED = "reported"
    REPORTS_CLOSED = "reports_closed"


PUBLISH_OR_WITHHOLD = {
    DecisionMatter.TEXT: (Outcome.PUBLISH, Outcome.WITHHOLD),
    DecisionMatter.PUBLIC: (Outcome.WITHHOLD,),
}
"""What is offered where a statement is not returned to its author."""


@dataclass(frozen=True)
class RecordedStep:
    """A step with the person, time and details for the ledger."""

    step: ProcessStep
    by: Account | None
    at: datetime
    reason: str | None = None
    detail: Mapping[str, object] | None = None


@dataclass(frozen=True)
class StatementFacts:
    """The name of a statement and its page, for pages and e-mails."""

    title: str
    language: str
    reference: str
    endpoint: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class DecisionProcess:
    """The rules for decisions on one kind of statement. `item`, `decision`, `appeal` and `report` are tables.

    `get_mark` identifies the text that a moderator read; if the text has changed, it must be read first. `check` raises
    a refusal for a decision that is not possible now. `apply` carries out a decision, including one that accepts an
    appeal. `is_held` returns whether a decision is what keeps an item from the public. `speaks_for_many` returns
    whether the author is an organisation or a body; two people are then needed to withhold the item. `record` writes a
    step to the ledger. `choices` and `endpoints` are for pages: the outcomes offered before an appeal, and the page of
    the decision. `name` and `queue_title` are labels. `letter` is the e-mail to the author about a decision.
    """

    kind: DecidedKind
    name: Any
    queue_title: Any
    item: type[Any]
    decision: type[Any]
    appeal: type[Any]
    report: type[Any]
    choices: Mapping[DecisionMatter, Sequence[Outcome]]
    endpoints: Mapping[DecisionMatter, str]
    list_endpoint: str
    get_mark: Callable[[Any], str]
    get_title: Callable[[Any], str]
    describe: Callable[[Session, Any], StatementFacts]
    is_public: Callable[[Any], bool]
    is_held: Callable[[Any, DecisionColumns], bool]
    speaks_for_many: Callable[[Session, Any], bool]
    check: Callable[[Session, Any, DecisionColumns], None]
    apply: Callable[[Session, Any, DecisionColumns], None]
    record: Callable[[Session, Any, RecordedStep], None]
    letter: str = "decisions/mail/decided"

    def __post_init__(self) -> None:
        PROCESSES[self.kind.name] = self


def get_process(name: str) -> DecisionProcess:
    """Return the process with this name. Raises NotFound."""
    process = PROCESSES.get(name)
    if process is None:
        raise NotFound(_("We cannot find this decision."))
    return process


def lock_item(session: Session, process: DecisionProcess, item_id: int) -> Any:
    """Return a statement, locked until the transaction ends. Raises NotFound."""
    item = session.get(process.item, item_id, with_for_update=True, populate_existing=True)
    if item is None:
        raise NotFound(_("We cannot find this text. It may have been deleted or withdrawn."))
    return item


def get_open(session: Session, process: DecisionProcess, item_id: int) -> DecisionColumns | None:
    """Return the decision on a statement that has not taken effect, or None."""
    return load_open(session, process, [item_id]).get(item_id)


def load_open(session: Session, process: DecisionProcess, item_ids: Collection[int]) -> Mapping[int, DecisionColumns]:
    """Return open decisions by statement ID."""
    table = process.decision
    rows = session.scalars(select(table).where(table.item_id.in_(item_ids), table.ended.is_(None)))
    return {row.item_id: row for row in rows}


@dataclass(frozen=True)
class OpenDecision:
    """A decision that has not taken effect, for a page. `mine` is True if the reader can undo it."""

    kind: str
    row: DecisionColumns
    title: str
    mine: bool


def list_open(session: Session, process: DecisionProcess, by: Account) -> Sequence[OpenDecision]:
    """Return decisions that the reader can undo or that wait for a second person, newest first. Uses one query."""
    table, item = process.decision, process.item
    shown: ColumnElement[bool] = or_(table.due_at.is_(None), table.moderator_id == by.id, table.second_id == by.id)
    rows = session.execute(
        select(table, item)
        .join(item, item.id == table.item_id)
        .where(table.ended.is_(None), shown)
        .order_by(table.id.desc())
        .limit(50)
    )
    return [
        OpenDecision(process.kind.name, row, process.get_title(it), by.id in (row.moderator_id, row.second_id))
        for row, it in rows
    ]


def find_last(
    session: Session, process: DecisionProcess, item_id: int, outcomes: Collection[Outcome]
) -> DecisionColumns | None:
    """Return the last effective decision with one of these outcomes, or None."""
    table = process.decision
    ended = table.item_id == item_id, table.ended == DecisionEnd.TOOK_EFFECT, table.outcome.in_(outcomes)
    row: DecisionColumns | None = session.scalar(select(table).where(*ended).order_by(table.id.desc()).limit(1))
    return row


def get_people(row: DecisionColumns | None) -> set[int]:
    """Return the IDs of the accounts involved in a decision."""
    return {number for number in (row.moderator_id, row.second_id) if number} if row else set()
