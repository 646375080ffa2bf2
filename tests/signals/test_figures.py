"""Public counts: no cell under five below region and week, told or derived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import product

from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from consult.signals.figures.cells import (
    FLOOR,
    LEAST_WEEKS,
    LEVELS,
    CountedReport,
    CountryFigures,
    count_weeks,
    name_week,
)

TODAY = date(2026, 11, 28)  # a Saturday
LAST = date(2026, 11, 16)
TWO = LEVELS[:2]


def reports(*groups: tuple[str, str, int], on: date = LAST) -> list[CountedReport]:
    return [CountedReport(region, on, level) for region, level, n in groups for _one in range(n)]


def test_a_week_of_a_region_is_told_by_level_only_where_each_has_none_or_five() -> None:
    rows = reports(("EC-E", "alert", 5), ("EC-E", "watch", 6), ("EC-G", "alert", 5), ("EC-G", "watch", 4))
    told = {row.region: (row.reports, row.levels) for row in count_weeks("EC", rows, TODAY).regions}
    assert told == {"EC-E": (11, {"watch": 6, "alert": 5, "emergency": 0}), "EC-G": (9, None)}


def test_a_country_is_told_by_level_where_each_of_its_regions_is() -> None:
    rows = reports(("EC-E", "alert", 5), ("EC-E", "watch", 6), ("EC-P", "alert", 7))
    assert count_weeks("EC", rows, TODAY).weeks[-1].levels == {"watch": 6, "alert": 12, "emergency": 0}
    more = rows + reports(("EC-G", "watch", 9), ("EC-G", "alert", 1))
    assert count_weeks("EC", more, TODAY).weeks[-1].levels is None, "what is left is a region that is not told"


def test_the_running_week_is_not_counted_and_weeks_without_reports_are() -> None:
    days = (date(2026, 11, 2), date(2026, 11, 22), date(2026, 11, 23))
    found = count_weeks("EC", [CountedReport("EC-E", day, "watch") for day in days], TODAY)
    assert [(row.week, row.reports) for row in found.weeks[-3:]] == [("2026-W45", 1), ("2026-W46", 0), ("2026-W47", 1)]
    assert len(found.weeks) == LEAST_WEEKS
    assert sum(row.reports for row in found.weeks) == 2
    assert count_weeks("EC", [], TODAY).weeks == []


def splits_of(total: int) -> Iterator[tuple[int, int]]:
    return ((n, total - n) for n in range(total + 1))


def is_hidden(split: Sequence[int]) -> bool:
    return any(0 < n < FLOOR for n in split)


def consistent(found: CountryFigures, week: str) -> list[tuple[tuple[int, int], ...]]:
    """Every way of filling a week's hidden regions with two levels fitting what is told, to one who knows the rule."""
    regions = [row for row in found.regions if row.week == week]
    hidden = [row for row in regions if row.levels is None]
    whole = next(row for row in found.weeks if row.week == week)
    shown = Counter[str]()
    for row in regions:
        shown.update(row.levels or {})
    ways = product(*[[split for split in splits_of(row.reports) if is_hidden(split)] for row in hidden])
    return [way for way in ways if whole.levels is None or _fits(way, whole.levels, shown)]


def _fits(way: Sequence[Sequence[int]], whole: Mapping[str, int], shown: Mapping[str, int]) -> bool:
    return all(sum(split[n] for split in way) + shown.get(level, 0) == whole[level] for n, level in enumerate(TWO))


@tried(max_examples=120)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=3))
def test_no_number_under_five_can_be_derived_from_what_is_told(regions: list[tuple[int, int]]) -> None:
    """With two levels, which is the worse: with three an attacker has more ways to doubt."""
    rows = [
        one
        for n, pair in enumerate(regions)
        for one in reports(*[(f"EC-{n}", level, k) for level, k in zip(TWO, pair, strict=True)])
    ]
    found = count_weeks("EC", rows, TODAY)
    if not rows:
        return
    ways = consistent(found, name_week(LAST))
    hidden = [row for row in found.regions if row.levels is None]
    for at, row in enumerate(hidden):
        for level in range(2):
            possible = {way[at][level] for way in ways}
            assert len(possible) > 1, f"{row.region} at {TWO[level]} must be {possible}"


@given(
    st.lists(
        st.tuples(st.sampled_from(["EC-E", "EC-G", "EC-P"]), st.integers(0, 40), st.sampled_from(LEVELS)), max_size=60
    )
)
def test_every_number_by_level_is_none_or_five_and_every_sum_is_right(rows: list[tuple[str, int, str]]) -> None:
    made = [CountedReport(region, TODAY - timedelta(days=n), level) for region, n, level in rows]
    found = count_weeks("EC", made, TODAY)
    for row in (*found.regions, *found.weeks):
        assert all(not n or n >= FLOOR for n in (row.levels or {}).values())
        assert row.levels is None or sum(row.levels.values()) == row.reports
    assert found.reports == sum(row.reports for row in found.regions)
    assert found.reports == sum(one.on < date(2026, 11, 23) for one in made)
