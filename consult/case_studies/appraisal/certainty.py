"""Certainty of evidence: GRADE's four steps, computed from study designs and concerns in five domains.

Source: Guyatt et al., GRADE guidelines 1, J Clin Epidemiol 2011, doi:10.1016/j.jclinepi.2010.04.026: randomised trials
start high, all others low; serious concerns in a domain lower it by one step. Reasons for raising it are not
implemented.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from consult.case_studies.model import Direction, SourceDesign


class Certainty(IntEnum):
    VERY_LOW = 1
    LOW = 2
    MODERATE = 3
    HIGH = 4


class GradeDomain(StrEnum):
    """A domain that can lower certainty."""

    BIAS = "bias"
    INCONSISTENCY = "inconsistency"
    INDIRECTNESS = "indirectness"
    IMPRECISION = "imprecision"
    PUBLICATION = "publication"


class Concern(StrEnum):
    NONE = "none"
    SOME = "some"
    SERIOUS = "serious"


@dataclass(frozen=True)
class GradedCertainty:
    """A step of certainty with its reasons: the starting step, the design, and the domains that lowered it."""

    start: Certainty
    design: SourceDesign | None
    lowered_by: Sequence[GradeDomain]
    certainty: Certainty


_STRENGTH = list(SourceDesign)
"""Study designs, strongest first."""


def grade(designs: Iterable[SourceDesign], concerns: Mapping[GradeDomain, Concern]) -> GradedCertainty:
    """Return the certainty of evidence from sources of these designs, with reasons.

    >>> grade([SourceDesign.BEFORE_AFTER], {GradeDomain.BIAS: Concern.SERIOUS}).certainty.name
    'VERY_LOW'
    >>> grade([SourceDesign.SURVEY, SourceDesign.TRIAL], {GradeDomain.IMPRECISION: Concern.SERIOUS}).certainty.name
    'MODERATE'
    """
    design = min(designs, key=_STRENGTH.index, default=None)
    start = Certainty.HIGH if design is SourceDesign.TRIAL else Certainty.LOW
    lowered = [domain for domain in GradeDomain if concerns.get(domain) is Concern.SERIOUS]
    return GradedCertainty(start, design, lowered, Certainty(max(Certainty.VERY_LOW, start - len(lowered))))


@dataclass(frozen=True)
class JudgementTally:
    """The number of reviewers for each step and each direction. The highest step comes first."""

    steps: Sequence[tuple[Certainty, int]] = ()
    directions: Sequence[tuple[Direction, int]] = ()

    @property
    def appraised(self) -> int:
        return sum(n for _step, n in self.steps)

    @property
    def certainty(self) -> Certainty | None:
        """Return the most frequent step, or the lower one in a tie."""
        return min(self.steps, key=lambda step: (-step[1], step[0]))[0] if self.steps else None

    @property
    def direction(self) -> Direction | None:
        """Return the most frequent direction, or mixed in a tie."""
        most = [direction for direction, n in self.directions if n == max(n for _said, n in self.directions)]
        return (most[0] if len(most) == 1 else Direction.MIXED) if most else None


def tally(judged: Iterable[tuple[int, Direction]]) -> JudgementTally:
    """Count the steps and directions that reviewers gave.

    >>> found = tally([(2, Direction.HELPED), (3, Direction.HELPED), (2, Direction.MIXED)])
    >>> found.certainty.name, found.direction.value, [(step.name, n) for step, n in found.steps]
    ('LOW', 'helped', [('MODERATE', 1), ('LOW', 2)])
    """
    judgements = list(judged)
    steps, directions = Counter(Certainty(step) for step, _way in judgements), Counter(way for _step, way in judgements)
    return JudgementTally(
        sorted(steps.items(), reverse=True), [(way, directions[way]) for way in Direction if directions[way]]
    )
