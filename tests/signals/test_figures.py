"""Public counts by region and week: bands, right for every number, and no number by level that bands reveal."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from consult.signals.figures.bands import BANDS, Band, band
from consult.signals.figures.cells import LEAST_WEEKS, LEVELS, CountedReport, count_weeks, name_week

TODAY = date(2026, 11, 28)  # a Saturday
LAST = date(2026, 11, 16)


def reports(*groups: tuple[str, str, int], on: date = LAST) -> list[CountedReport]:
    return [CountedReport(region, on, level, n) for region, level, n in groups]


def test_a_week_of_a_region_and_of_its_country_are_told_in_bands() -> None:
    rows = reports(("EC-E", "alert", 5), ("EC-E", "watch", 6), ("EC-G", "alert", 1), ("EC-G", "watch", 4))
    figures = count_weeks("EC", rows, TODAY)
    shown = {
        row.region: (str(row.reports), {level: str(n) for level, n in row.levels.items()}) for row in figures.regions
    }
    assert shown == {
        "EC-E": ("10–19", {"watch": "5–9", "alert": "5–9", "emergency": "0"}),
        "EC-G": ("5–9", {"watch": "1–4", "alert": "1–4", "emergency": "0"}),
    }
    assert figures.weeks[-1].reports == Band(10, 19)
    assert figures.weeks[-1].levels == {"watch": Band(10, 19), "alert": Band(5, 9), "emergency": Band(0, 0)}
    assert (figures.weeks[-1].highest, figures.weeks[0].highest) == ("alert", "")
    assert figures.peak is figures.weeks[-1]
    assert figures.steps == BANDS[1:4]


def test_the_running_week_is_not_counted_and_weeks_without_reports_are() -> None:
    days = (date(2026, 11, 2), date(2026, 11, 22), date(2026, 11, 23))
    figures = count_weeks("EC", [CountedReport("EC-E", day, "watch") for day in days], TODAY)
    last_weeks = [(row.week, row.reports.low) for row in figures.weeks[-3:]]
    assert last_weeks == [("2026-W45", 1), ("2026-W46", 0), ("2026-W47", 1)]
    assert len(figures.weeks) == LEAST_WEEKS
    assert count_weeks("EC", [], TODAY).weeks == []
    assert count_weeks("EC", [], TODAY).peak is None


@given(st.integers(0, 10_000))
def test_every_number_is_in_one_band(n: int) -> None:
    fitting = [row for row in BANDS if row.low <= n and (row.high is None or n <= row.high)]
    assert fitting == [band(n)]


def test_no_number_of_a_region_under_fifty_can_be_derived_from_its_bands_by_level() -> None:
    """For one who knows the rule: every sum and every number by level has at least two values for what is told."""
    ways: dict[tuple[Band, ...], list[tuple[int, ...]]] = {}
    for numbers in product(range(52), repeat=len(LEVELS)):
        key = (band(sum(numbers)), *map(band, numbers))
        ways.setdefault(key, []).append((sum(numbers), *numbers))
    for key, possible in ways.items():
        for place, cell in enumerate(key):
            if cell.low and cell.high is not None:
                assert len({way[place] for way in possible}) > 1, (key, place)


@given(
    st.lists(
        st.tuples(st.sampled_from(["EC-E", "EC-G", "EC-P"]), st.integers(0, 40), st.sampled_from(LEVELS)), max_size=60
    )
)
def test_every_band_holds_the_number_of_reports(rows: list[tuple[str, int, str]]) -> None:
    made = [CountedReport(region, TODAY - timedelta(days=n), level) for region, n, level in rows]
    figures = count_weeks("EC", made, TODAY)
    over = [one for one in made if one.on < date(2026, 11, 23)]
    by_region = Counter((one.region, name_week(one.on)) for one in over)
    assert {(row.region, row.week): row.reports for row in figures.regions} == {
        k: band(n) for k, n in by_region.items()
    }
    by_week = Counter(name_week(one.on) for one in over)
    assert {row.week: row.reports for row in figures.weeks if row.rank} == {k: band(n) for k, n in by_week.items()}
    levels = Counter((one.region, name_week(one.on), one.level) for one in over)
    for row in figures.regions:
        assert row.levels == {level: band(levels[row.region, row.week, level]) for level in LEVELS}
