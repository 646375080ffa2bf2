"""Alert levels as data, and the level reached by reports of one place and substance. People decide.

Every window is in whole days, because reports have a day but no hour: 72 hours are three days.
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
    """The parts of a report that rules use. `speaker` identifies an organisation, or is empty if unknown."""

    on: date
    speaker: str = ""
    basis: str = "told"
    laboratory: bool = False
    deaths: int = 0
    overdoses: int = 0
    text: bytes = b""  # hash of the text. Empty means unlike any other


@dataclass(frozen=True)
class LevelCondition:
    """A condition of a level. Every number that is set must be reached within the window."""

    reports: int = 0
    independent: int = 0
    laboratory: int = 0
    deaths: int = 0
    overdoses: int = 0
    days: int | None = None
    before_days: int = 0
    before_at_most: int = 0

    def holds(self, reports: Sequence[SeenReport], at: date) -> bool:
        """Return whether it holds on a day for reports of one place and substance, in any order."""
        counts = count_reports(self._within(reports, at))
        reached = all(counts[name] >= getattr(self, name) for name in _COUNTED)
        return reached and (not self.before_days or self._count_before(reports, at) <= self.before_at_most)

    def _within(self, reports: Sequence[SeenReport], at: date) -> list[SeenReport]:
        first = at - timedelta(days=self.days - 1) if self.days else date.min
        return [report for report in reports if first <= report.on <= at]

    def _count_before(self, reports: Sequence[SeenReport], at: date) -> int:
        until = at - timedelta(days=(self.days or 0) - 1)
        return count_reports(
            [report for report in reports if until - timedelta(days=self.before_days) <= report.on < until]
        )["reports"]


@dataclass(frozen=True)
class LevelRule:
    """A level: its conditions, and the hours within which to assess and to warn. None means no such duty."""

    name: str
    when: tuple[LevelCondition, ...]
    assess_within_hours: int
    warn_within_hours: int | None = None
    remind_every_minutes: int | None = None


@dataclass(frozen=True)
class LevelReached:
    """The highest level reached and its condition. `others` are further conditions of that level that hold."""

    level: LevelRule
    condition: LevelCondition
    others: tuple[LevelCondition, ...] = field(default=())


@lru_cache(maxsize=1)
def load_levels() -> tuple[LevelRule, ...]:
    """Return the levels in `levels.toml`, lowest first. Raises TypeError for an unknown key of a condition."""
    rows = tomllib.loads(_FILE.read_text("utf-8"))["level"]
    return tuple(
        LevelRule(**{**row, "when": tuple(LevelCondition(**condition) for condition in row["when"])}) for row in rows
    )


def count_reports(reports: Sequence[SeenReport]) -> dict[str, int]:
    """Return the numbers that conditions use.

    Copies of a text count once. Independent reports differ in speaker or basis.

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
    """Return the highest level reached on a day (by default that of the last report), or None without reports.

    `reports` are those of one place and substance in the last year and a week, which include the usual number there.
    """
    if not reports:
        return None
    at = at or max(report.on for report in reports)
    for level in reversed(levels if levels is not None else load_levels()):
        held = [condition for condition in level.when if condition.holds(reports, at)]
        if held:
            return LevelReached(level, held[0], tuple(held[1:]))
    return None
