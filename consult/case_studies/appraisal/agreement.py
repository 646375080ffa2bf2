"""Agreement of reviewers: shares, and Cohen's kappa with linear weights.

Source: Cohen, Weighted kappa, Psychological Bulletin 1968, doi:10.1037/h0026256.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

STEPS = 4


@dataclass(frozen=True)
class AppraiserAgreement:
    """The agreement of `pairs` of reviews: the number with the same step, and with steps at most one apart.

    `kappa` is None if undefined: no pairs, or all give the same step.
    """

    pairs: int
    same: int
    within_one: int
    kappa: float | None


def compare(pairs: Sequence[tuple[int, int]]) -> AppraiserAgreement:
    """Return the agreement of pairs of steps 1 to 4.

    >>> compare([(1, 1), (2, 2), (3, 4), (4, 4)])
    AppraiserAgreement(pairs=4, same=3, within_one=4, kappa=0.818)
    """
    n = len(pairs)
    same = sum(first == other for first, other in pairs)
    near = sum(abs(first - other) <= 1 for first, other in pairs)
    ones, others = Counter(first for first, _other in pairs), Counter(other for _one, other in pairs)
    apart = sum(abs(first - other) for first, other in pairs) * n
    by_chance = sum(abs(a - b) * ones[a] * others[b] for a in ones for b in others)
    return AppraiserAgreement(n, same, near, round(1 - apart / by_chance, 3) if by_chance else None)
