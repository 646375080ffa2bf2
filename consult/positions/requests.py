"""Requests to check: suggested arguments, the largest first, each confirmed, joined with another one, or set aside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import queries as arguments
from consult.arguments import service, undo
from consult.arguments.model import Argument, ArgumentAct, Claim, StatementPart
from consult.arguments.queries import StatementQuote
from consult.core.clock import now
from consult.core.errors import Conflict, Refusal
from consult.core.i18n import _
from consult.positions import items
from consult.positions.items import StepProgress
from consult.positions.model import PositionHold, Side, Unit

_SHOWN = 5
"""The number of statements shown of a suggested argument."""
_BESIDE = 20
"""The number of other sentences of its campaign letters offered as reasons."""
_TARGETS = 30
"""The number of checked arguments that it can be joined with, the likest first."""


class RequestAct(StrEnum):
    """What a person decides about a suggested argument."""

    CONFIRM = "confirm"
    SAME = "same"
    REASON = "reason"
    EVIDENCE = "evidence"
    NONE = "none"


PARTS = {
    RequestAct.SAME: StatementPart.ASK,
    RequestAct.REASON: StatementPart.REASON,
    RequestAct.EVIDENCE: StatementPart.EVIDENCE,
}


@dataclass(frozen=True)
class RequestItem:
    """A suggested argument with what a person needs to decide on it."""

    argument: Argument
    quotes: Sequence[StatementQuote]
    beside: Sequence[StatementQuote]  # other sentences of the campaign letters that make it
    letters: Sequence[int]
    sides: Sequence[Side]  # that people decided for these letters
    targets: Sequence[Argument]

    @property
    def unit(self) -> Unit:
        return Unit.REQUEST

    @property
    def key(self) -> str:
        return str(self.argument.id)


def count_progress(session: Session, consultation_id: int) -> StepProgress:
    """Return how many suggested arguments are checked. Uses one query."""
    checked, all_ = session.execute(
        select(func.count().filter(Argument.checked), func.count()).where(
            Argument.consultation_id == consultation_id, Argument.merged_into_id.is_(None), Argument.statements > 0
        )
    ).one()
    return StepProgress(checked, all_, 0)


def list_checked(session: Session, consultation_id: int) -> Sequence[Argument]:
    """Return the checked arguments, the largest first."""
    return _list(session, consultation_id, checked=True)


def list_suggested(session: Session, consultation_id: int) -> Sequence[Argument]:
    """Return the arguments that nobody has checked, the largest first."""
    return _list(session, consultation_id, checked=False)


def find_next(session: Session, consultation_id: int, by: Account, *, key: str = "") -> RequestItem | None:
    """Return the suggested argument with this key, else the largest one that nobody else is reading."""
    waiting = list_suggested(session, consultation_id)
    held = set(
        session.scalars(
            select(PositionHold.key).where(
                PositionHold.consultation_id == consultation_id,
                PositionHold.unit == Unit.REQUEST,
                PositionHold.account_id != by.id,
                PositionHold.until > now(),
            )
        )
    )
    named = [row for row in waiting if str(row.id) == key]
    free = named or [row for row in waiting if str(row.id) not in held]
    return _load(session, free[0]) if free else None


def _list(session: Session, consultation_id: int, *, checked: bool) -> Sequence[Argument]:
    return session.scalars(
        select(Argument)
        .where(
            Argument.consultation_id == consultation_id,
            Argument.merged_into_id.is_(None),
            Argument.statements > 0,
            Argument.checked if checked else ~Argument.checked,
        )
        .order_by(*arguments.LARGEST_FIRST)
    ).all()


def _load(session: Session, argument: Argument) -> RequestItem:
    letters = arguments.list_letters(session, argument.id)
    beside = select(func.min(Claim.id)).where(
        Claim.campaign_id.in_(letters), Claim.argument_id.is_(None), Claim.place == argument.place
    )
    in_order = beside.group_by(Claim.key).order_by(func.min(Claim.campaign_id), func.min(Claim.start))
    chosen = session.scalars(in_order.limit(_BESIDE)).all()
    quotes = arguments.get_quotes(session, chosen)
    like = arguments.list_alike(session, argument.id)
    same_place = [row for row in list_checked(session, argument.consultation_id) if row.place == argument.place]
    targets = sorted(same_place, key=lambda row: -like.get(row.id, 0))
    return RequestItem(
        argument,
        arguments.list_quotes(session, argument.id, most=_SHOWN).items,
        [quotes[number] for number in chosen if number in quotes],
        letters,
        list_sides(session, argument.consultation_id, [argument.id]).get(argument.id, ()),
        targets[:_TARGETS],
    )


def list_sides(session: Session, consultation_id: int, argument_ids: Collection[int]) -> Mapping[int, Sequence[Side]]:
    """Return by argument the positions that people decided for its campaign letters, each once. Uses two queries."""
    decided = {item.campaign_id: item.side for item in items.list_letters(session, consultation_id, now()) if item.side}
    made = select(Claim.argument_id, Claim.campaign_id).where(
        Claim.argument_id.in_(argument_ids), Claim.campaign_id.is_not(None)
    )
    sides: dict[int, set[Side]] = {}
    for argument_id, campaign_id in session.execute(made.distinct()):
        if argument_id and (side := decided.get(campaign_id)):
            sides.setdefault(argument_id, set()).add(side)
    return {number: sorted(its_sides, key=list(Side).index) for number, its_sides in sides.items()}


def decide(
    session: Session,
    *,
    argument_id: int,
    revision: int,
    act: RequestAct,
    by: Account,
    words: str = "",
    into_id: int | None = None,
    reasons: Collection[int] = (),
) -> None:
    """Confirm a suggested argument with its reasons, join it with a checked one, or set it aside.

    Raises NotFound, Forbidden, Refusal, and Conflict if the argument changed after the page was shown.
    """
    row = arguments.get_argument(session, argument_id)
    service.lock_arguments(session, row.consultation_id)
    session.refresh(row)
    if row.id != argument_id or row.revision != revision:
        raise Conflict(_("Someone else has changed this argument. Read it again, then decide."))
    if act is RequestAct.CONFIRM:
        _confirm(session, row, by, words, reasons)
    elif act is RequestAct.NONE:
        claims = session.scalars(select(Claim.id).where(Claim.argument_id == row.id)).all()
        service.remove_statements(session, argument_id=row.id, claim_ids=claims, by=by)
    elif into_id is None:
        raise Refusal(_("Choose the request to add the suggestion to."), field="into")
    else:
        service.merge(session, argument_id=row.id, into_id=into_id, by=by, part=PARTS[act])


def _confirm(session: Session, row: Argument, by: Account, words: str, reasons: Collection[int]) -> None:
    if reasons:
        service.add_statements(
            session,
            consultation=service.get_consultation(session, row),
            claim_ids=reasons,
            to_id=row.id,
            by=by,
            part=StatementPart.REASON,
        )
    service.name_argument(session, argument_id=row.id, by=by, words=words)


def find_undoable(session: Session, consultation_id: int, by: Account) -> ArgumentAct | None:
    """Return the last decision of a person on arguments if it can be undone."""
    return undo.find_undoable(session, consultation_id, by)


def list_parts(session: Session, shown: Collection[int]) -> Mapping[int, Sequence[StatementQuote]]:
    """Return statements of arguments by ID, for the overview of what was checked."""
    return arguments.list_samples(session, shown, each=3)
