"""What CI leaves for other days runs within three days."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from tests.thirds import DAYS, leave_for_other_days


@dataclass(frozen=True)
class Item:
    """What is asked of a test."""

    nodeid: str
    marker: str | None = None

    @property
    def path(self) -> Path:
        return Path(self.nodeid.partition("::")[0])

    def get_closest_marker(self, name: str) -> str | None:
        return name if name == self.marker else None


LANGUAGES = ["ar", "en", "es"]
ALWAYS = [Item("tests/mail/test_send.py::test_one"), Item("tests/browser/test_bar.py::test_a[en]", "browser")]
DRILLS = [
    Item(f"tests/drills/test_{name}.py::test_{n}", "drill") for name in ("clock", "disk", "queue") for n in (1, 2)
]
CASES = [Item(f"tests/browser/test_pages.py::test_{name}[{lang}]", "daily") for name in "ab" for lang in LANGUAGES]


def leave(day: int) -> set[Item]:
    items = cast(list[pytest.Item], [*ALWAYS, *DRILLS, *CASES])
    return cast(set[Item], set(leave_for_other_days(items, day)))


def run(day: int) -> set[Item]:
    return {*DRILLS, *CASES} - leave(day)


@pytest.mark.parametrize("day", [20_788, 20_789, 20_790])
def test_three_days_together_run_everything_once(day: int) -> None:
    parts = [run(day + n) for n in range(DAYS)]
    assert set().union(*parts) == {*DRILLS, *CASES}
    assert sum(len(part) for part in parts) == len(DRILLS) + len(CASES)
    assert run(day) == run(day + DAYS)


@pytest.mark.parametrize("day", [20_788, 20_789, 20_790])
def test_a_drill_file_is_whole_and_of_each_daily_test_a_third_of_the_cases_runs(day: int) -> None:
    left = leave(day)
    assert {drill.path for drill in left & {*DRILLS}}.isdisjoint(drill.path for drill in {*DRILLS} - left)
    for name in "ab":
        assert len([case for case in run(day) & {*CASES} if f"test_{name}[" in case.nodeid]) == 1
