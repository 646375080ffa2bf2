"""Decisions on the position of letters and texts, and reservations for readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments.service import may_edit
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.database.sql_files import read_sql
from consult.core.errors import Conflict, Forbidden, NotFound
from consult.core.i18n import _
from consult.core.queue import find_task, nudge
from consult.core.text import clean_text
from consult.positions import items, reading_order
from consult.positions.items import Item, StepProgress
from consult.positions.model import LetterReading, Position, PositionHold, Side, Unit
from consult.positions.requests import RequestItem

STEPS = ("letters", "added", "texts")
"""The steps of the workbench: letters, copies with words of their own, other texts."""
OPPOSITE = {Side.DROP: Side.KEEP, Side.KEEP: Side.DROP}
"""The side of a text that opposes a letter of this side."""
_DUE = text(read_sql(__file__, "list_due_rankings"))
HELD_FOR = timedelta(minutes=5)
"""Time for which an item is reserved for its reader."""


@dataclass(frozen=True)
class LetterProgress:
    """The estimate of those who oppose a letter, if there is one, and the example sentences given for it."""

    campaign_id: int
    estimate: reading_order.OpposingEstimate | None
    examples: str


@dataclass(frozen=True)
class Workbench:
    """The items to decide by step, with the progress."""

    letters: Sequence[Item]
    added: Sequence[Item]
    texts: Sequence[Item]

    def __getitem__(self, step: str) -> Sequence[Item]:
        items_of_step: Sequence[Item] = getattr(self, step)
        return items_of_step

    @property
    def progress(self) -> dict[str, StepProgress]:
        return {name: items.count_progress(self[name]) for name in STEPS}

    @property
    def decided(self) -> Sequence[Item]:
        return [item for item in (*self.letters, *self.added, *self.texts) if item.side]

    def find(self, unit: str, key: str) -> Item | None:
        """Return the item with this key, if any."""
        every = (*self.letters, *self.added, *self.texts)
        return next((item for item in every if (item.unit, item.key) == (unit, key)), None)


def check_may_decide(session: Session, consultation: Consultation, by: Account) -> None:
    """Raise Forbidden unless the person works on the consultation, moderates, or administers the site."""
    if not may_edit(session, consultation, by):
        raise Forbidden(
            _(
                "Only the consultation owner, leads and editors of the body, moderators and administrators can decide "
                "on positions."
            )
        )


def get_workbench(session: Session, consultation_id: int) -> Workbench:
    """Return all items of a consultation in reading order. Uses three queries."""
    as_of = now()
    lists = (items.list_letters, items.list_added, items.list_texts)
    return Workbench(*(each(session, consultation_id, as_of) for each in lists))


def find_next(
    session: Session, consultation_id: int, workbench: Workbench, by: Account, *, step: str, at: datetime | None = None
) -> Item | None:
    """Return the first undecided item of a step that nobody else is reading."""
    moment = at or now()
    held = {
        (row.unit, row.key)
        for row in session.execute(
            select(PositionHold.unit, PositionHold.key).where(
                PositionHold.consultation_id == consultation_id,
                PositionHold.account_id != by.id,
                PositionHold.until > moment,
            )
        )
    }
    return next((item for item in workbench[step] if item.side is None and (item.unit, item.key) not in held), None)


def hold(
    session: Session, consultation_id: int, item: Item | RequestItem, by: Account, *, at: datetime | None = None
) -> None:
    """Reserve an item for a person for a few minutes. It replaces the person's earlier reservation."""
    values = {"unit": item.unit, "key": item.key, "until": (at or now()) + HELD_FOR}
    statement = insert(PositionHold).values(consultation_id=consultation_id, account_id=by.id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["consultation_id", "account_id"], set_=values))


def release_account(session: Session, account_id: int) -> None:
    """Release the reservations of an account."""
    session.execute(delete(PositionHold).where(PositionHold.account_id == account_id))


def decide(
    session: Session,
    *,
    consultation: Consultation,
    item: Item,
    side: Side | None,
    seen: str,
    after: int,
    by: Account,
    at: datetime | None = None,
) -> Position:
    """Store the position that a person read in an item. Without `side`, undo the previous decision.

    `seen` is the hash of the words and `after` the number of the decision that the page showed, 0 for none. Raises
    Forbidden, and Conflict if either changed in the meantime.
    """
    check_may_decide(session, consultation, by)
    session.get_one(Consultation, consultation.id, with_for_update=True)
    if seen != item.seen:
        raise Conflict(_("The text changed after you opened it. Read it again, then decide."))
    if _find_newest(session, consultation.id, item) != after:
        raise Conflict(_("Someone else has already decided on this text. See their decision below."))
    row = Position(
        consultation_id=consultation.id,
        unit=item.unit,
        key=item.key,
        seen=seen,
        side=side,
        account_id=by.id,
        at=at or now(),
    )
    session.add(row)
    own_hold = (PositionHold.consultation_id == consultation.id, PositionHold.account_id == by.id)
    session.execute(delete(PositionHold).where(*own_hold))
    session.flush()
    if item.unit is Unit.TEXT and item.campaign_id is not None:
        _open_reading(session, consultation.id, item.campaign_id)
        _queue_ranking(session, item.campaign_id)
    return row


def get_reading(session: Session, workbench: Workbench, item: Item) -> LetterProgress | None:
    """Return what is known of those who oppose the letter of a copy, or None for other items."""
    if item.unit is not Unit.TEXT or item.campaign_id is None:
        return None
    copies = [copy for copy in workbench.added if copy.campaign_id == item.campaign_id]
    row = session.get(LetterReading, item.campaign_id)
    known = item.letter_side in OPPOSITE
    estimate = reading_order.estimate_opposing(items.make_ranked(copies)) if known else None
    return LetterProgress(item.campaign_id, estimate, row.examples if row else "")


def set_examples(session: Session, *, consultation: Consultation, campaign_id: int, words: str, by: Account) -> None:
    """Store sentences that somebody who opposes a letter could write, one on each line. The ranking starts from them.

    Raises Forbidden, and NotFound if the consultation has no such letter.
    """
    check_may_decide(session, consultation, by)
    if items.find_letter(session, consultation.id, campaign_id) is None:
        raise NotFound(_("This text is no longer waiting for a decision."))
    _open_reading(session, consultation.id, campaign_id)
    session.execute(
        update(LetterReading).where(LetterReading.campaign_id == campaign_id).values(examples=clean_text(words))
    )
    _queue_ranking(session, campaign_id)


def _open_reading(session: Session, consultation_id: int, campaign_id: int) -> None:
    values = {"campaign_id": campaign_id, "consultation_id": consultation_id}
    session.execute(insert(LetterReading).values(**values).on_conflict_do_nothing())


def _queue_ranking(session: Session, campaign_id: int) -> None:
    if list_due_rankings(session, campaign_id):
        nudge(session, find_task("analysis.rank_additions"), campaign_id)


def list_due_rankings(session: Session, campaign_id: int | None = None) -> list[int]:
    """Return letters whose ranking is to be learnt: ten more answers, or other examples."""
    return list(session.scalars(_DUE, {"campaign": campaign_id, "batch": reading_order.BATCH}))


def _find_newest(session: Session, consultation_id: int, item: Item) -> int:
    """Return the id of the current decision on an item, or 0."""
    newest = select(func.max(Position.id)).where(
        Position.consultation_id == consultation_id, Position.unit == item.unit, Position.key == item.key
    )
    return session.scalar(newest) or 0


def get_item(session: Session, consultation_id: int, unit: str, key: str) -> Item:
    """Return an item to decide. Raises NotFound."""
    item = get_workbench(session, consultation_id).find(unit, key)
    if item is None:
        raise NotFound(_("This text is no longer waiting for a decision."))
    return item


def find_last_decision(session: Session, consultation_id: int, by: Account) -> Position | None:
    """Return the last decision of a person, or None if there is none or it was undone."""
    decision: Position | None = session.scalar(
        select(Position)
        .where(Position.consultation_id == consultation_id, Position.account_id == by.id)
        .order_by(Position.id.desc())
        .limit(1)
    )
    return decision if decision and decision.side else None
