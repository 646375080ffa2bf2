"""Counts of submissions by position on the draft as a whole, and an estimate for the texts not read yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import sqrt

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.core.database.sql_files import read_sql
from consult.positions import items
from consult.positions.model import SIDE_OF_STANCE, Side
from consult.positions.second import ReaderAgreement, measure_agreement

_Z = 1.96
"""Of a 95% interval."""
LEAST_SAMPLE = 30
"""Texts that must have been read, drawn at random, before an estimate is made of the others."""
_SIDES = text(read_sql(__file__, "count_sides", own_side=items.OWN_SIDE, decided=items.DECIDED))


_NONE = items.StepProgress()
_UNREAD = ReaderAgreement()


@dataclass(frozen=True)
class SideEstimate:
    """The bounds of a 95% Wilson interval for the number of unread texts that take a position."""

    side: Side
    low: int
    high: int


@dataclass(frozen=True)
class SideCounts:
    """Published submissions about the draft as a whole, by position and by how the position is known.

    `unread` submissions have no known position. `estimates` are for `of` texts without a campaign letter that nobody
    has read, based on `sample` others read in random order. They are not added to the counts.
    """

    sides: Mapping[Side, int] = field(default_factory=dict)
    unread: int = 0
    filed: int = 0
    decided: int = 0
    copies: int = 0  # of campaign letters, of all of these
    copied_letters: int = 0  # campaign letters that they are copies of, also those whose authors all chose a position
    letters: items.StepProgress = _NONE
    added: items.StepProgress = _NONE
    against_letter: int = 0  # texts with words of their own that were read and take another side than their letter
    texts: items.StepProgress = _NONE
    sample: int = 0
    estimates: Sequence[SideEstimate] = ()
    agreement: ReaderAgreement = _UNREAD
    groups: Mapping[str, Mapping[Side, int]] = field(default_factory=dict)  # known positions by kind of contributor

    @property
    def known(self) -> int:
        return sum(self.sides.values())

    @property
    def all(self) -> int:
        return self.known + self.unread


def count_sides(session: Session, consultation_id: int, *, as_of: datetime) -> SideCounts:
    """Return the counts with the decisions made by a moment. Uses five queries over published submissions."""
    rows = session.execute(_SIDES, {"consultation": consultation_id, "as_of": as_of}).all()
    letters = items.list_letters(session, consultation_id, as_of)
    added = items.list_added(session, consultation_id, as_of)
    texts = items.list_texts(session, consultation_id, as_of)
    read = items.select_random_sample(texts)
    sides: Counter[Side] = Counter()
    groups: dict[str, dict[Side, int]] = {}
    for row in rows:
        if row.side:
            sides[Side(row.side)] += row.n
            groups.setdefault(row.kind, {})[Side(row.side)] = row.n
    left = sum(item.side is None for item in texts)
    return SideCounts(
        sides=sides,
        unread=sum(row.n for row in rows if not row.side),
        filed=sum(row.filed for row in rows),
        decided=sum(row.decided for row in rows),
        copies=sum(row.copies for row in rows),
        copied_letters=len({campaign for row in rows for campaign in row.campaigns or ()}),
        letters=items.count_progress(letters),
        added=items.count_progress(added),
        against_letter=sum(item.side not in (None, item.letter_side) for item in added if item.letter_side),
        texts=items.count_progress(texts),
        sample=len(read),
        estimates=estimate_sides(read, left) if len(read) >= LEAST_SAMPLE else (),
        agreement=measure_agreement(session, consultation_id, as_of=as_of),
        groups=groups,
    )


def estimate_sides(sample: Sequence[Side], of: int) -> list[SideEstimate]:
    """Estimate how many of `of` texts take each position that occurs in a random sample of them.

    >>> [(one.side.value, one.low, one.high) for one in estimate_sides([Side.DROP] * 90 + [Side.KEEP] * 10, 1_000)]
    [('drop', 825, 945), ('keep', 55, 175)]
    >>> estimate_sides([], 10)
    []
    """
    estimates = []
    for side in Side:
        if of and (n := sample.count(side)):
            low, high = wilson(n, len(sample))
            estimates.append(SideEstimate(side, int(low * of), -int(-high * of // 1)))
    return estimates


def wilson(n: int, of: int) -> tuple[float, float]:
    """Return the 95% interval of a share of which `n` of `of` were found. Source: Wilson 1927.

    >>> [round(bound, 3) for bound in wilson(0, 10)], [round(bound, 3) for bound in wilson(5, 10)]
    ([0.0, 0.278], [0.237, 0.763])
    """
    share, spread = n / of, _Z * _Z / of
    centre, half = share + spread / 2, _Z * sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, (centre - half) / (1 + spread)), min(1.0, (centre + half) / (1 + spread))


def find_own_side(stances: Sequence[str]) -> Side | None:
    """Return the position that these types of comment on the draft as a whole mean, as the counts define it.

    >>> find_own_side(["concern", "support"]), find_own_side(["concern"])
    (<Side.KEEP: 'keep'>, None)
    """
    return next((side for stance, side in SIDE_OF_STANCE.items() if stance in stances), None)
