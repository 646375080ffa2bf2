"""The level that the rule proposes: 18 named cases, and its limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.signals_cases import DAY, reach_case, read_cases
from benchmarks.signals_cases import build_observation as seen
from consult.signals.rule.levels import load_levels
from consult.signals.rule.observations import DrugObservation
from consult.signals.rule.proposal import Proposal, propose

CASES = read_cases()


def reach(*observations: DrugObservation, tested: int = 20) -> Proposal:
    found = propose(observations, DAY, tested)
    assert found is not None
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_named_case_reaches_its_level(case: dict[str, Any]) -> None:
    assert reach_case(case) == case["expect"]


def test_there_are_eighteen_cases() -> None:
    assert len({case["name"] for case in CASES}) == 18


def test_the_levels_have_the_deadlines_of_the_protocol() -> None:
    hours = {one.name: (one.assess_within_hours, one.warn_within_hours) for one in load_levels()}
    assert hours == {"watch": (24, None), "alert": (24, 12), "emergency": (24, 12)}


def test_nothing_is_proposed_without_an_observation() -> None:
    assert propose([], DAY, 100) is None
    assert propose([replace(seen(), day=DAY + timedelta(days=1))], DAY, 100) is None


def sample(days: int = 0, **values: Any) -> DrugObservation:
    return seen(days, **{"source": "service", "sample": True, "basis": "ftir", **values})


@pytest.mark.parametrize(
    ("other", "tested", "level"),
    [
        (sample(27), 20, "alert"), (sample(28), 20, "watch"), (sample(27), 19, "watch"),
        (sample(0, site="elsewhere"), 20, "alert"), (sample(0), 20, "watch"),
    ],
)  # fmt: skip
def test_samples_of_two_days_or_sites_in_28_days_are_an_alert_where_20_were_tested(
    other: DrugObservation, tested: int, level: str
) -> None:
    assert reach(sample(), other, tested=tested).level == level


@pytest.mark.parametrize(
    ("concern", "as_sold", "level"),
    [
        ("dangerous", True, "alert"), ("dangerous", False, "alert"), ("active", False, "alert"),
        ("active", True, "watch"), ("cutting", False, "watch"),
    ],
)  # fmt: skip
def test_samples_are_an_alert_only_if_dangerous_or_not_what_it_was_sold_as(
    concern: str, as_sold: bool, level: str
) -> None:
    found = (sample(n, concern=concern, as_sold=as_sold) for n in (0, 1))
    assert reach(*found).level == level


@pytest.mark.parametrize(("before", "level"), [(1, "alert"), (2, "watch")])
def test_samples_of_what_was_found_twice_in_180_days_before_are_no_alert(before: int, level: str) -> None:
    assert reach(sample(), sample(1), *(sample(40 + 100 * n) for n in range(before))).level == level


def test_a_laboratory_finding_needs_an_organisation_and_something_new() -> None:
    finding = {"basis": "mass_spectrometry"}
    assert reach(seen(**finding, arrival=1), tested=0).level == "watch"
    assert reach(seen(**finding, source="a"), tested=0).level == "watch", "not a verified organisation"
    assert reach(seen(**finding, source="a"), tested=20).level == "alert"
    known = [seen(days, source="b") for days in (40, 90)]
    assert reach(seen(**finding, source="a", verified=True), *known).level == "watch"
    watched = {"concern": "active", "as_sold": True, "watched": True}
    assert reach(seen(**finding, source="a", verified=True, **watched)).reasons == ("laboratory",)


def test_a_person_can_join_and_separate_incidents() -> None:
    told = [seen(source=name, verified=True, deaths=1) for name in "ab"]
    assert reach(*told).deaths.counted == 1
    apart = [replace(one, incident=name) for one, name in zip(told, "xy", strict=True)]
    assert reach(*apart).level == "emergency"
    far = [seen(source="a", verified=True, deaths=1, town=town) for town in ("Quito", "Ibarra")]
    assert reach(*far).level == "emergency"
    assert reach(*(replace(one, incident="x") for one in far)).deaths.counted == 1


@given(
    st.lists(
        st.builds(
            seen, st.integers(0, 3), arrival=st.integers(0, 9), deaths=st.integers(0, 99), overdoses=st.integers(0, 99)
        ).filter(lambda one: one.arrival != 1),
        min_size=1,
        max_size=12,
    )
)  # fmt: skip
def test_reports_of_one_network_are_never_an_alert_nor_an_emergency(reports: list[DrugObservation]) -> None:
    assert reach(seen(arrival=1), *reports).level == "watch"
