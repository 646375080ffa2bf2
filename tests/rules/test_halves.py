"""What CI leaves for tomorrow runs tomorrow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from tests.halves import leave_for_tomorrow


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
    return cast(set[Item], set(leave_for_tomorrow(items, day)))


@pytest.mark.parametrize("day", [20_788, 20_789])
def test_of_two_days_each_runs_its_half(day: int) -> None:
    assert leave(day) | leave(day + 1) == {*DRILLS, *CASES}
    assert not leave(day) & leave(day + 1)
    assert leave(day) == leave(day + 2)


@pytest.mark.parametrize("day", [20_788, 20_789])
def test_a_drill_file_is_whole_and_of_each_daily_test_half_the_cases_run(day: int) -> None:
    left = leave(day)
    assert {drill.path for drill in left & {*DRILLS}}.isdisjoint(drill.path for drill in {*DRILLS} - left)
    for name in "ab":
        assert len({case for case in left & {*CASES} if f"test_{name}[" in case.nodeid}) in (1, 2)
