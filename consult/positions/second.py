"""A second reader: a person decides some items again without seeing the first decision, to measure agreement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import Conflict
from consult.core.i18n import _
from consult.positions.items import Item
from consult.positions.model import Position, Side, Unit

SAMPLE = 20
"""Decided items that a second reader decides again."""
_FEWEST = 10
"""Items read twice from which an agreement is reported."""


@dataclass(frozen=True)
class ReaderAgreement:
    """The number of items read by two people, of those decided alike, and Cohen's kappa (None if undefined)."""

    n: int = 0
    alike: int = 0
    kappa: float | None = None


def cohen_kappa(pairs: Mapping[tuple[str, str], int]) -> float | None:
    """Return the agreement of two people beyond chance (Cohen's kappa, at most 1) from counts of label pairs.

    None if chance alone would make them always agree: nothing was labelled, or both gave one and the same label.
    Source: Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20, 1960.

    >>> cohen_kappa({("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15})
    0.4
    >>> cohen_kappa({("yes", "yes"): 9}), cohen_kappa({("yes", "no"): 3, ("no", "yes"): 3})
    (None, -1.0)
    """
    total = sum(pairs.values())
    labels = {label for pair in pairs for label in pair}
    first = {label: sum(n for (label_given, _again), n in pairs.items() if label_given == label) for label in labels}
    second = {label: sum(n for (_first, label_given), n in pairs.items() if label_given == label) for label in labels}
    chance = sum(first[label] * second[label] for label in labels)  # scaled by the squared total, to stay in integers
    if chance == total * total:
        return None
    agreed = sum(pairs.get((label, label), 0) for label in labels)
    return round((agreed * total - chance) / (total * total - chance), 4)


def list_waiting(session: Session, consultation_id: int, decided: Sequence[Item], by: Account) -> list[Item]:
    """Return items of the sample that others decided and nobody has read a second time. Uses one query.

    The sample is the first items in the order of a hash of their key, which has nothing to do with what they say.
    """
    newest = _load_newest(session, consultation_id, now())
    first = {key: row for key, row in newest.items() if key[0] is not Unit.SECOND}
    sample = sorted(decided, key=lambda item: sha256(item.key.encode()).digest())[:SAMPLE]
    return [
        item
        for item in sample
        if (row := first.get((item.unit, item.key)))
        and row.account_id != by.id
        and (Unit.SECOND, _second_key(item.unit, item.key)) not in newest
    ]


def decide_apart(session: Session, *, consultation: Consultation, item: Item, side: Side, by: Account) -> None:
    """Store a second decision. It changes no count and is final. Raises Conflict."""
    session.get_one(Consultation, consultation.id, with_for_update=True)
    if item not in list_waiting(session, consultation.id, [item], by):
        raise Conflict(_("Someone else has already decided on this text."))
    key = _second_key(item.unit, item.key)
    session.add(
        Position(
            consultation_id=consultation.id,
            unit=Unit.SECOND,
            key=key,
            seen=item.seen,
            side=side,
            account_id=by.id,
            at=now(),
        )
    )
    session.flush()


def measure_agreement(session: Session, consultation_id: int, *, as_of: datetime) -> ReaderAgreement:
    """Return the agreement of first and second readers. Uses one query."""
    newest = _load_newest(session, consultation_id, as_of)
    pairs: Counter[tuple[str, str]] = Counter()
    for (unit, key), row in newest.items():
        again = newest.get((Unit.SECOND, _second_key(unit, key)))
        if again and row.side and again.side and row.account_id != again.account_id:
            pairs[row.side, again.side] += 1
    n = sum(pairs.values())
    alike = sum(count for (first, again), count in pairs.items() if first == again)
    return ReaderAgreement(n, alike, cohen_kappa(pairs) if n >= _FEWEST else None)


def _load_newest(session: Session, consultation_id: int, as_of: datetime) -> Mapping[tuple[Unit, str], Position]:
    rows = session.scalars(
        select(Position)
        .where(Position.consultation_id == consultation_id, Position.at <= as_of)
        .order_by(Position.unit, Position.key, Position.id.desc())
        .ext(distinct_on(Position.unit, Position.key))
    )
    return {(row.unit, row.key): row for row in rows if row.side}


def _second_key(unit: Unit, key: str) -> str:
    return f"{unit}:{key}"
