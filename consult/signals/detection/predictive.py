""" "More than usual here": how likely so many reports would be if nothing had changed. For triage; it sets no level.

Counts of a place are Poisson with a rate that is not known: with the prior of Jeffreys, Gamma(1/2, 0), and `n` reports
in `base` days before, the next `window` days follow a negative binomial law.
Source: Höhle, surveillance: An R package for the monitoring of infectious diseases, 2007, `algo.bayes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import exp, lgamma, log

BASE = 84  # days before the window that tell what is usual
WINDOWS = (1, 3, 7, 14)  # days
ALPHA = 0.001


def compute_tail(seen: int, window: int, before: int, base: int = BASE) -> float:
    """Probability of `seen` reports or more in `window` days after `before` in `base` days.

    >>> round(compute_tail(3, 7, 0), 6), compute_tail(0, 7, 5)
    (0.000147, 1.0)
    """
    shape, kept, new = before + 0.5, log(base / (base + window)), log(window / (base + window))
    below = sum(exp(lgamma(shape + n) - lgamma(shape) - lgamma(n + 1) + shape * kept + n * new) for n in range(seen))
    return max(0.0, 1.0 - below)


def find_unusual(days: Sequence[date], at: date, alpha: float = ALPHA) -> tuple[int, int, float] | None:
    """(window in days, reports in it, their probability) of the least likely window that ends on a day.

    `days` are those of the reports of one place and substance, in any order. None where no window is under `alpha`.
    """
    ages = [(at - day).days for day in days]
    found = []
    for window in WINDOWS:
        seen = sum(0 <= age < window for age in ages)
        before = sum(window <= age < window + BASE for age in ages)
        found.append((compute_tail(seen, window, before), window, seen))
    chance, window, seen = min(found)
    return (window, seen, chance) if seen and chance < alpha else None
