"""EARS C2, a standard outbreak detector, for comparison.

Source: Hutwagner et al., The bioterrorism preparedness and response Early Aberration Reporting System, 2003: the count
of a day is an alarm above mean + 3 standard deviations of seven days that end three days before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from statistics import fmean, stdev

BASE, LAG, DEVIATIONS, FLOOR = 7, 2, 3.0, 0.5


def compute_threshold(counts: Sequence[int]) -> float:
    """Return the highest count that is no alarm, given the counts of the seven base days.

    >>> compute_threshold([0] * 7), round(compute_threshold([1, 0, 2, 1, 3, 0, 1]), 3)
    (1.5, 4.35)
    """
    return fmean(counts) + DEVIATIONS * max(stdev(counts), FLOOR)


def is_alarm(days: Sequence[date], at: date) -> bool:
    """Return whether the number of reports on a day is an alarm.

    `days` are those of all reports of a place and substance.
    """
    ages = [(at - day).days for day in days]
    base = [sum(age == back for age in ages) for back in range(LAG + 1, LAG + 1 + BASE)]
    return sum(age == 0 for age in ages) > compute_threshold(base)
