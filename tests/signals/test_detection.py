"""When reports reach a level, and what is more than usual."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from consult.signals.detection.ears import compute_threshold, is_alarm
from consult.signals.detection.levels import SeenReport, load_levels, reach_level
from consult.signals.detection.predictive import compute_tail, find_unusual

DAY = date(2026, 11, 20)


def seen(days_before: int = 0, speaker: str = "", basis: str = "seen", **other: object) -> SeenReport:
    return SeenReport(DAY - timedelta(days=days_before), speaker, basis, **other)  # type: ignore[arg-type]


def level(*reports: SeenReport) -> str:
    reached = reach_level(reports)
    assert reached is not None
    return reached.level.name


def test_the_levels_are_those_of_the_protocol_with_their_duties() -> None:
    told = {
        one.name: (one.assess_within_hours, one.warn_within_hours, one.remind_every_minutes) for one in load_levels()
    }
    assert told == {"watch": (24, None, None), "alert": (24, 12, None), "emergency": (24, 12, 30)}


def test_one_unconfirmed_report_is_for_watching_and_none_reaches_nothing() -> None:
    assert level(seen()) == "watch"
    assert reach_level([]) is None


def test_one_finding_of_a_laboratory_is_an_alert() -> None:
    assert level(seen(laboratory=True)) == "alert"


@pytest.mark.parametrize(("apart", "reached"), [(6, "alert"), (7, "watch")])
def test_two_independent_reports_within_seven_days_are_an_alert(apart: int, reached: str) -> None:
    assert level(seen(0, "ngo"), seen(apart, "clinic")) == reached


@pytest.mark.parametrize(("before", "reached"), [(1, "alert"), (2, "watch")])
def test_two_reports_of_what_was_there_twice_in_the_year_before_are_no_alert(before: int, reached: str) -> None:
    usual = [seen(7 + 100 * (n + 1), f"old {n}") for n in range(before)]
    assert level(seen(0, "ngo"), seen(1, "clinic"), *usual) == reached


def test_the_year_before_ends_where_the_seven_days_begin() -> None:
    pair = (seen(0, "ngo"), seen(1, "clinic"))
    assert level(*pair, seen(7, "a"), seen(371, "b")) == "watch"
    assert level(*pair, seen(7, "a"), seen(372, "b")) == "alert"


def test_reports_of_one_organisation_are_independent_only_on_another_basis() -> None:
    assert level(seen(0, "ngo"), seen(1, "ngo")) == "watch"
    assert level(seen(0, "ngo"), seen(1, "ngo", "strip")) == "alert"
    assert level(seen(0), seen(1)) == "watch", "nobody knows that two unknown people are two"


def test_copies_of_one_text_are_one_report() -> None:
    assert level(seen(0, "ngo", text=b"x", overdoses=6), seen(1, "clinic", text=b"x", overdoses=6)) == "watch"


@pytest.mark.parametrize(
    ("harms", "reached"),
    [
        ({"deaths": 1}, "watch"), ({"deaths": 2}, "emergency"),
        ({"overdoses": 9}, "watch"), ({"overdoses": 10}, "emergency"),
    ],
)  # fmt: skip
def test_two_deaths_or_ten_overdoses_are_an_emergency(harms: dict[str, int], reached: str) -> None:
    assert level(seen(**harms)) == reached


def test_deaths_count_together_within_three_days() -> None:
    assert level(seen(0, deaths=1), seen(2, deaths=1)) == "emergency"
    assert level(seen(0, deaths=1), seen(3, deaths=1)) == "watch"


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
