""" "More than usual here": how likely so many reports would be if nothing had changed. For triage; it sets no level.

Counts of a place are Poisson with a rate that is not known: with the prior of Jeffreys, Gamma(1/2, 0), and `n` reports
in `base` days before, the next `window` days follow a negative binomial law.
Source: Höhle, surveillance: An R package for the monitoring of infectious diseases, 2007, `algo.bayes`.

Reports do not come one by one: who visits a service brings all they have on one day. So a day counts as MOST_A_DAY at
most, before and within the week; without that most alarms were such visits (`python -m benchmarks.signals_detector`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from math import exp, lgamma, log

BASE = 84  # days before the week that tell what is usual
WINDOW = 7  # days
MOST_A_DAY = 2
ALPHA = 0.005


def compute_tail(seen: int, window: int, before: int, base: int = BASE) -> float:
    """Probability of `seen` reports or more in `window` days after `before` in `base` days.

    >>> round(compute_tail(3, 7, 0), 6), compute_tail(0, 7, 5)
    (0.000147, 1.0)
    """
    shape, kept, new = before + 0.5, log(base / (base + window)), log(window / (base + window))
    below = sum(exp(lgamma(shape + n) - lgamma(shape) - lgamma(n + 1) + shape * kept + n * new) for n in range(seen))
    return max(0.0, 1.0 - below)


def find_unusual(days: Sequence[date], at: date, alpha: float = ALPHA) -> tuple[int, float] | None:
    """(reports, probability) of the week that ends on a day; None where so many are not unlikelier than `alpha`.

    `days` are those of the reports of one place and substance, in any order. All reports of the week are given, also
    where a day has more than count.
    """
    ages = Counter((at - day).days for day in days)
    week = [ages[age] for age in range(WINDOW)]
    seen = sum(min(n, MOST_A_DAY) for n in week)
    before = sum(min(ages[age], MOST_A_DAY) for age in range(WINDOW, WINDOW + BASE))
    chance = compute_tail(seen, WINDOW, before)
    return (sum(week), chance) if chance < alpha else None
