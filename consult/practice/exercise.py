"""Exercises: invented comments for moderators and answers for policymakers, with expected results. Pure."""

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
    """The four possible decisions of the policy."""

    PUBLISH = "publish"
    COVER = "cover"
    RETURN = "return"
    WITHHOLD = "withhold"


class AnswerFault(StrEnum):
    """A possible fault of an answer to an argument."""

    SOUND = "sound"
    NO_REASON = "no_reason"
    MISMATCH = "mismatch"
    NO_DATE = "no_date"
    NAMES = "names"


Judgement = ExerciseDecision | AnswerFault


@dataclass(frozen=True)
class ExerciseCase:
    """An invented text with the expected judgement and its reason. A `trap` is one that is easily misjudged.

    For an answer, `argument` and `outcome` are what it answers and how.
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
    """The number of expected judgements, and the cases judged otherwise."""

    agreed: int
    of: int
    others: Sequence[tuple[ExerciseCase, Judgement]]

    @property
    def traps(self) -> int:
        """Return the number of traps judged wrongly."""
        return sum(case.trap for case, _given in self.others)


@lru_cache(maxsize=1)
def load_cases() -> Sequence[ExerciseCase]:
    """Return the twenty comments, in order."""
    return [
        ExerciseCase(number, row["words"], ExerciseDecision(row["expected"]), row["why"], row.get("trap", False))
        for number, row in enumerate(_read("moderation"), start=1)
    ]


@lru_cache(maxsize=1)
def load_answers() -> Sequence[ExerciseCase]:
    """Return the ten answers with arguments and outcomes, in order."""
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
    """Compare judgements with the expected ones of the twenty comments, or of other `cases`.

    >>> cases = load_cases()
    >>> right = {case.number: case.expected for case in cases}
    >>> compare(right).agreed, compare({**right, 1: ExerciseDecision.WITHHOLD}).agreed
    (20, 19)
    """
    cases = load_cases() if cases is None else cases
    others = [(case, given[case.number]) for case in cases if given[case.number] is not case.expected]
    return ExerciseResult(len(cases) - len(others), len(cases), others)
