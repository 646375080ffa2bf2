"""The levels as data, and which one the reports of one place and one substance reach. A person decides; this proposes.

Every window is of whole days, for a report tells the day and never the hour: 72 hours are three days.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).with_name("levels.toml")
_COUNTED = ("reports", "independent", "laboratory", "deaths", "overdoses")


@dataclass(frozen=True)
class SeenReport:
    """What a rule looks at of a report. `speaker` names an organisation, empty: somebody unknown."""

    on: date
    speaker: str = ""
    basis: str = "told"
    laboratory: bool = False
    deaths: int = 0
    overdoses: int = 0
    text: bytes = b""  # hash of the text; empty: of no other report


@dataclass(frozen=True)
class LevelCondition:
    """One way of reaching a level: every number that is set is reached within the window."""

    reports: int = 0
    independent: int = 0
    laboratory: int = 0
    deaths: int = 0
    overdoses: int = 0
    days: int | None = None
    before_days: int = 0
    before_at_most: int = 0

    def holds(self, reports: Sequence[SeenReport], at: date) -> bool:
        """Whether it holds on a day for reports of one place and substance, in any order."""
        counts = count_reports(self._within(reports, at))
        reached = all(counts[name] >= getattr(self, name) for name in _COUNTED)
        return reached and (not self.before_days or self._count_before(reports, at) <= self.before_at_most)

    def _within(self, reports: Sequence[SeenReport], at: date) -> list[SeenReport]:
        first = at - timedelta(days=self.days - 1) if self.days else date.min
        return [one for one in reports if first <= one.on <= at]

    def _count_before(self, reports: Sequence[SeenReport], at: date) -> int:
        until = at - timedelta(days=(self.days or 0) - 1)
        return count_reports([one for one in reports if until - timedelta(days=self.before_days) <= one.on < until])[
            "reports"
        ]


@dataclass(frozen=True)
class LevelRule:
    """A level: what reaches it and within how many hours it is assessed and warned of; None: no such duty."""

    name: str
    when: tuple[LevelCondition, ...]
    assess_within_hours: int
    warn_within_hours: int | None = None
    remind_every_minutes: int | None = None


@dataclass(frozen=True)
class LevelReached:
    """The highest level that is reached and why; `others` are conditions of the same level that hold too."""

    level: LevelRule
    condition: LevelCondition
    others: tuple[LevelCondition, ...] = field(default=())


@lru_cache(maxsize=1)
def load_levels() -> tuple[LevelRule, ...]:
    """The levels of `levels.toml`, lowest first. Raises TypeError for a word that is none of a condition's."""
    rows = tomllib.loads(_FILE.read_text("utf-8"))["level"]
    return tuple(
        LevelRule(**{**row, "when": tuple(LevelCondition(**condition) for condition in row["when"])}) for row in rows
    )


def count_reports(reports: Sequence[SeenReport]) -> dict[str, int]:
    """What conditions count. Copies of one text are one; independent are different speakers or bases.

    >>> twice = [SeenReport(date(2026, 11, 3), "ngo", "seen"), SeenReport(date(2026, 11, 4), "ngo", "seen")]
    >>> count_reports(twice)["reports"], count_reports(twice)["independent"]
    (2, 1)
    """
    texts: set[bytes] = set()
    own = []
    for one in reports:
        if not one.text or one.text not in texts:
            own.append(one)
        texts.add(one.text)
    return {
        "reports": len(own),
        "independent": len({(one.speaker, one.basis) for one in own}),
        "laboratory": sum(one.laboratory for one in own),
        "deaths": sum(one.deaths for one in own),
        "overdoses": sum(one.overdoses for one in own),
    }


def reach_level(
    reports: Sequence[SeenReport], at: date | None = None, levels: Sequence[LevelRule] | None = None
) -> LevelReached | None:
    """The highest level that reports of one place and one substance reach on a day (of the last report unless given).

    None where there is no report. `reports` are all of the last year and a week: what is usual there counts.
    """
    if not reports:
        return None
    at = at or max(one.on for one in reports)
    for level in reversed(levels if levels is not None else load_levels()):
        held = [condition for condition in level.when if condition.holds(reports, at)]
        if held:
            return LevelReached(level, held[0], tuple(held[1:]))
    return None
