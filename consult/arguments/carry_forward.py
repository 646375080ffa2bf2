"""Transfer of arguments when their comments are moved to another part of the draft.

An argument belongs to one part. If all its statements move, it moves with them and keeps its name and history.
Otherwise the moved statements leave it and become new statements at their part.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from consult.arguments.ledger_statements import place_claims
from consult.arguments.model import Argument, Claim

_GREET = text(
    """
    INSERT INTO argument_ground AS g (consultation_id, place, rule, terms, weights, directions, size, fresh)
    SELECT consultation_id, place, 0, '[]', '', '', 0, statements FROM argument WHERE id = :id
    ON CONFLICT (consultation_id, place) DO UPDATE SET fresh = g.fresh + excluded.fresh
    """
)


def carry_arguments(session: Session, arguments: Collection[int]) -> tuple[list[int], list[int]]:
    """Update arguments whose statements were carried. Safe to repeat.

    Returns the IDs of statements that left their argument, and of arguments that moved.
    """
    apart = session.execute(
        select(Argument.id, func.min(Claim.place), func.max(Claim.place))
        .join(Claim, Claim.argument_id == Argument.id)
        .where(Argument.id.in_(arguments))
        .group_by(Argument.id)
        .having(func.bool_or(Claim.place != Argument.place))
        .order_by(Argument.id)
    ).all()
    whole = [number for number, first, last in apart if first == last]
    for number, place, _last in apart:
        if number in whole:
            session.execute(update(Argument).where(Argument.id == number).values(place=place, centre=None))
            session.execute(_GREET, {"id": number})
    return _release_statements(session, [number for number, *_places in apart if number not in whole]), whole


def _release_statements(session: Session, arguments: Sequence[int]) -> list[int]:
    """Remove statements on another part of the draft from these arguments, and unmark them as placed by a person."""
    rows = session.scalars(
        select(Claim.id)
        .join(Argument, Argument.id == Claim.argument_id)
        .where(Claim.argument_id.in_(arguments), Claim.place != Argument.place)
        .order_by(Claim.id)
    ).all()
    place_claims(session, dict.fromkeys(rows))
    session.execute(update(Claim).where(Claim.id.in_(rows)).values(kept=False))
    return list(rows)
