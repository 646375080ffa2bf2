"""What is more than usual, and the textbook detector of the benchmark."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from benchmarks.ears import compute_threshold, is_alarm
from consult.signals.rule.predictive import compute_tail, find_unusual

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("count", "window", "before", "tail"),
    [
        (3, 7, 0, 0.00014654258687456996), (2, 7, 0, 0.0022784262913801644), (5, 7, 4, 0.00018265265794414464),
        (2, 1, 0, 5.210801343364498e-05), (9, 14, 12, 0.0011524377064464067), (40, 7, 300, 0.0050018869973800836),
    ],
)  # fmt: skip
def test_the_predictive_law_is_the_negative_binomial(count: int, window: int, before: int, tail: float) -> None:
    """Values of SciPy 1.17: `nbinom.sf(count - 1, before + .5, 84 / (84 + window))`."""
    assert compute_tail(count, window, before) == pytest.approx(tail, rel=1e-9)


def test_what_is_usual_here_is_not_unusual() -> None:
    weekly = [DAY - timedelta(days=7 * n) for n in range(13)]
    assert find_unusual(weekly, DAY) is None
    week = [DAY - timedelta(days=n) for n in range(1, 6)]
    reports, chance = find_unusual([*weekly, *week], DAY) or (0, 1.0)
    assert reports == 6
    assert chance < 0.005


def test_many_reports_of_one_day_are_one_visit_and_count_as_two() -> None:
    monthly = [DAY - timedelta(days=30 * n) for n in (1, 2)]
    assert find_unusual([*monthly, *[DAY] * 9], DAY) is None
    assert find_unusual([*monthly, *[DAY] * 9, DAY - timedelta(days=1)], DAY) == (10, compute_tail(3, 7, 2))
    bursts = [DAY - timedelta(days=14)] * 9
    days = [DAY - timedelta(days=n) for n in range(3)]
    assert find_unusual([*bursts, *days], DAY) == (3, compute_tail(3, 7, 2)), "one visit before makes nothing usual"


def test_the_textbook_looks_at_seven_days_that_end_three_days_before() -> None:
    """Worked by hand: 1, 0, 2, 1, 3, 0, 1 have mean 8/7 and standard deviation 1.0690."""
    assert compute_threshold([1, 0, 2, 1, 3, 0, 1]) == pytest.approx(4.3499, abs=1e-4)
    assert is_alarm([DAY, DAY], DAY)
    assert not is_alarm([DAY], DAY)
    just_before = [DAY - timedelta(days=1)] * 5
    assert is_alarm([DAY, DAY, *just_before], DAY), "the two days before are not of the base"
