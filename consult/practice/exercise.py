"""The exercise for moderators: twenty invented comments, and the decision that the policy expects of each. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "moderation.toml"


class ExerciseDecision(StrEnum):
    """The four decisions of the policy."""

    PUBLISH = "publish"
    COVER = "cover"
    RETURN = "return"
    WITHHOLD = "withhold"


@dataclass(frozen=True)
class ExerciseCase:
    """An invented comment, the decision that is expected, and why; a `trap` is one that is easily got wrong."""

    number: int
    words: str
    expected: ExerciseDecision
    why: str
    trap: bool = False


@dataclass(frozen=True)
class ExerciseResult:
    """How often somebody decided as the policy expects, and where they did not."""

    agreed: int
    of: int
    others: Sequence[tuple[ExerciseCase, ExerciseDecision]]

    @property
    def traps(self) -> int:
        """How many of the traps were walked into."""
        return sum(case.trap for case, _given in self.others)


@lru_cache(maxsize=1)
def load_cases() -> Sequence[ExerciseCase]:
    """The twenty, in their order."""
    rows = tomllib.loads(_FILE.read_text("utf-8"))["case"]
    return [
        ExerciseCase(number, row["words"], ExerciseDecision(row["expected"]), row["why"], row.get("trap", False))
        for number, row in enumerate(rows, start=1)
    ]


def compare(given: Mapping[int, ExerciseDecision]) -> ExerciseResult:
    """What was decided beside what is expected.

    >>> cases = load_cases()
    >>> right = {case.number: case.expected for case in cases}
    >>> compare(right).agreed, compare({**right, 1: ExerciseDecision.WITHHOLD}).agreed
    (20, 19)
    """
    cases = load_cases()
    others = [(case, given[case.number]) for case in cases if given[case.number] is not case.expected]
    return ExerciseResult(len(cases) - len(others), len(cases), others)
