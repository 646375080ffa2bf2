"""Probability of a number of reports if nothing had changed, for triage. It sets no level.

Counts of a place are Poisson distributed with an unknown rate. With Jeffreys' prior, Gamma(1/2, 0), and `n` reports in
`base` days before, the next `window` days follow a negative binomial distribution. Source: Höhle, surveillance: An R
package for the monitoring of infectious diseases, 2007, `algo.bayes`.

Reports are not independent: a service may send everything it has on one day. So a day counts as at most MOST_A_DAY,
before and within the week. Otherwise most alarms would be such days (`python -m benchmarks.signals_detector`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from math import exp, lgamma, log

BASE = 84  # maximum number of days before the week for the usual rate
LEAST_BASE = 28  # minimum number of days
WINDOW = 7  # days
MOST_A_DAY = 2
ALPHA = 0.005


def compute_tail(seen: int, window: int, before: int, base: int = BASE) -> float:
    """Return the probability of at least `seen` reports in `window` days after `before` in `base` days.

    >>> round(compute_tail(3, 7, 0), 6), compute_tail(0, 7, 5)
    (0.000147, 1.0)
    """
    shape, kept, new = before + 0.5, log(base / (base + window)), log(window / (base + window))
    below = sum(exp(lgamma(shape + n) - lgamma(shape) - lgamma(n + 1) + shape * kept + n * new) for n in range(seen))
    return max(0.0, 1.0 - below)


def find_unusual(
    days: Sequence[date], at: date, alpha: float = ALPHA, *, since: date | None = None
) -> tuple[int, float | None] | None:
    """Return (reports, probability) of the week that ends on a day, or None if it is not unusual.

    `days` are those of the reports of one place and substance, in any order. The number includes all reports of the
    week, also those above the daily limit. `since` is the day of the place's first report; earlier days are ignored.
    With less than LEAST_BASE days between them and the week, the probability is None.
    """
    ages = Counter((at - day).days for day in days)
    week = [ages[age] for age in range(WINDOW)]
    seen = sum(min(n, MOST_A_DAY) for n in week)
    base = BASE if since is None else min(BASE, (at - since).days - WINDOW + 1)
    if base < LEAST_BASE:
        return (sum(week), None) if sum(week) > 1 else None
    before = sum(min(ages[age], MOST_A_DAY) for age in range(WINDOW, WINDOW + base))
    chance = compute_tail(seen, WINDOW, before, base)
    return (sum(week), chance) if chance < alpha else None
