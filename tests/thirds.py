"""What CI runs on one day in three: a third of the drill files, and of the cases of each test marked `daily`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pytest

DAYS = 3
"""Days in which all of them run."""


def leave_for_other_days(items: Sequence[pytest.Item], day: int) -> list[pytest.Item]:
    """Return the tests that do not run on this day, a number of days since 1970.

    A drill file is left whole. Of a test marked `daily` every third case runs, in the order of their names.
    """
    groups: dict[str, dict[str, list[pytest.Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        if item.get_closest_marker("drill"):
            groups["drill"][item.path.name].append(item)
        elif item.get_closest_marker("daily"):
            groups[item.nodeid.partition("[")[0]][item.nodeid].append(item)
    left = []
    for cases in groups.values():
        for number, name in enumerate(sorted(cases)):
            left += cases[name] if number % DAYS != day % DAYS else []
    return left
