"""The exercises: invented comments for moderators, invented answers for drafters, and what is expected. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"


class ExerciseDecision(StrEnum):
    """The four decisions of the policy."""

    PUBLISH = "publish"
    COVER = "cover"
    RETURN = "return"
    WITHHOLD = "withhold"


class AnswerFault(StrEnum):
    """What can be wrong with an answer to an argument."""

    SOUND = "sound"
    NO_REASON = "no_reason"
    MISMATCH = "mismatch"
    NO_DATE = "no_date"
    NAMES = "names"


Judgement = ExerciseDecision | AnswerFault


@dataclass(frozen=True)
class ExerciseCase:
    """Invented words, what is expected to be said of them, and why; a `trap` is one that is easily got wrong.

    The words of an answer stand with the argument that it answers, and its outcome.
    """

    number: int
    words: str
    expected: Judgement
    why: str
    trap: bool = False
    argument: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class ExerciseResult:
    """How often somebody said what is expected, and where they did not."""

    agreed: int
    of: int
    others: Sequence[tuple[ExerciseCase, Judgement]]

    @property
    def traps(self) -> int:
        """How many of the traps were walked into."""
        return sum(case.trap for case, _given in self.others)


@lru_cache(maxsize=1)
def load_cases() -> Sequence[ExerciseCase]:
    """The twenty comments, in their order."""
    return [
        ExerciseCase(number, row["words"], ExerciseDecision(row["expected"]), row["why"], row.get("trap", False))
        for number, row in enumerate(_read("moderation"), start=1)
    ]


@lru_cache(maxsize=1)
def load_answers() -> Sequence[ExerciseCase]:
    """The ten answers, in their order, each with its argument and its outcome."""
    return [
        ExerciseCase(
            *(number, row["answer"], AnswerFault(row["expected"]), row["why"], row.get("trap", False)),
            *(row["argument"], row["outcome"]),
        )
        for number, row in enumerate(_read("answering"), start=1)
    ]


def _read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))["case"]
    return rows


def compare(given: Mapping[int, Judgement], cases: Sequence[ExerciseCase] | None = None) -> ExerciseResult:
    """What was said beside what is expected of the twenty comments, or of other `cases`.

    >>> cases = load_cases()
    >>> right = {case.number: case.expected for case in cases}
    >>> compare(right).agreed, compare({**right, 1: ExerciseDecision.WITHHOLD}).agreed
    (20, 19)
    """
    cases = load_cases() if cases is None else cases
    others = [(case, given[case.number]) for case in cases if given[case.number] is not case.expected]
    return ExerciseResult(len(cases) - len(others), len(cases), others)
