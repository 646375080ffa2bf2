"""Pairs of arguments that may make one point: suggested by the job that proposes, until a person decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.arguments.model import ArgumentAct, ArgumentActKind, MergeSuggestion

Pair = tuple[int, int]
"""The numbers of two arguments, the lower first."""


def store_suggestions(
    session: Session, consultation_id: int, arguments: Collection[int], found: Mapping[Pair, float]
) -> None:
    """Puts suggestions in the place of those there were of some arguments."""
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
    """Takes back what was suggested of some arguments; with `of` only that they are one with that argument."""
    one, other = MergeSuggestion.argument_id, MergeSuggestion.other_id
    if of is None:
        session.execute(delete(MergeSuggestion).where(or_(one.in_(arguments), other.in_(arguments))))
    else:
        session.execute(
            delete(MergeSuggestion).where(
                or_(one.in_(arguments) & (other == of), (one == of) & other.in_(arguments)),
            )
        )


def list_kept_apart(session: Session, arguments: Collection[int]) -> set[Pair]:
    """The pairs of some arguments that a person kept apart."""
    rows = session.execute(
        select(ArgumentAct.argument_id, ArgumentAct.other_id).where(
            ArgumentAct.deed == ArgumentActKind.KEPT_APART, ArgumentAct.argument_id.in_(arguments)
        )
    )
    return {(min(one, other), max(one, other)) for one, other in rows if other is not None}
