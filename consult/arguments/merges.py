"""Pairs of arguments that may make the same point, suggested by the proposal job until a person decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.arguments.model import Argument, ArgumentAct, ArgumentActKind, MergeDoubt, MergeSuggestion
from consult.core.clock import now

Pair = tuple[int, int]
"""The IDs of two arguments, lower first."""


def store_suggestions(
    session: Session, consultation_id: int, arguments: Collection[int], found: Mapping[Pair, float]
) -> None:
    """Replace the suggestions that concern some arguments."""
    delete_suggestions(session, arguments)
    if found:
        session.execute(
            insert(MergeSuggestion),
            [
                {"consultation_id": consultation_id, "argument_id": one, "other_id": other, "likeness": likeness}
                for (one, other), likeness in sorted(found.items())
            ],
        )


def delete_suggestions(session: Session, arguments: Collection[int], *, of: int | None = None) -> None:
    """Delete the suggestions of some arguments. With `of`, only those to merge with that argument."""
    one, other = MergeSuggestion.argument_id, MergeSuggestion.other_id
    if of is None:
        session.execute(delete(MergeSuggestion).where(or_(one.in_(arguments), other.in_(arguments))))
    else:
        session.execute(
            delete(MergeSuggestion).where(
                or_(one.in_(arguments) & (other == of), (one == of) & other.in_(arguments)),
            )
        )


def restore_suggestion(session: Session, consultation_id: int, pair: Pair) -> None:
    """Suggest a pair again, in first place, after its decision was undone."""
    row = insert(MergeSuggestion).values(
        consultation_id=consultation_id, argument_id=pair[0], other_id=pair[1], likeness=1.0
    )
    session.execute(row.on_conflict_do_nothing())


def record_doubt(session: Session, pair: Pair, by: Account, *, at: datetime | None = None) -> None:
    """Record that a person was unsure about a pair. Safe to repeat."""
    row = insert(MergeDoubt).values(argument_id=pair[0], other_id=pair[1], account_id=by.id, at=at or now())
    session.execute(row.on_conflict_do_nothing())


@dataclass(frozen=True)
class SuggestedMerge:
    """Two current arguments that may make the same point, the one with more authors first.

    `doubts` is the number of people who were unsure.
    """

    one: Argument
    other: Argument
    doubts: int

    @property
    def arguments(self) -> tuple[Argument, Argument]:
        return self.one, self.other


def list_suggested(
    session: Session, consultation_id: int, *, place: str | None = None, most: int = 10
) -> Sequence[SuggestedMerge]:
    """Return the most likely pairs, those nobody was unsure about first. Uses one query."""
    one, other = aliased(Argument), aliased(Argument)
    doubts = (
        select(func.count())
        .where(MergeDoubt.argument_id == MergeSuggestion.argument_id, MergeDoubt.other_id == MergeSuggestion.other_id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(one, other, doubts.label("doubts"))
        .select_from(MergeSuggestion)
        .join(one, one.id == MergeSuggestion.argument_id)
        .join(other, other.id == MergeSuggestion.other_id)
        .where(
            MergeSuggestion.consultation_id == consultation_id,
            *[row.merged_into_id.is_(None) & (row.statements > 0) for row in (one, other)],
            *([] if place is None else [one.place == place]),
        )
        .order_by(text("doubts"), MergeSuggestion.likeness.desc(), one.id, other.id)
        .limit(most)
    )
    found = []
    for low, high, n in rows:
        first, second = sorted((low, high), key=lambda each: (-each.voices, each.id))
        found.append(SuggestedMerge(first, second, n))
    return found


def list_kept_apart(session: Session, arguments: Collection[int]) -> set[Pair]:
    """Return the pairs of some arguments that a person decided to keep apart."""
    taken = aliased(ArgumentAct)
    rows = session.execute(
        select(ArgumentAct.argument_id, ArgumentAct.other_id).where(
            ArgumentAct.deed == ArgumentActKind.KEPT_APART,
            ArgumentAct.argument_id.in_(arguments),
            ~select(taken.id).where(taken.undoes_id == ArgumentAct.id).exists(),
        )
    )
    return {(min(one, other), max(one, other)) for one, other in rows if other is not None}
