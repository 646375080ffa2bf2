"""Harms: deaths and overdoses, counted once for each incident."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from consult.signals.rule.observations import DrugObservation
from consult.signals.rule.voices import count_halves

TOGETHER = timedelta(days=1)
"""Reports of one place within this time tell of one incident."""


@dataclass(frozen=True)
class Harm:
    """A number of people: `counted` by the rule, and between `least` and `most` by all reports."""

    counted: int = 0
    least: int = 0
    most: int = 0


@dataclass
class Incident:
    """Reports of harm in one town within one day, or joined by a person."""

    reports: list[DrugObservation] = field(default_factory=list)

    @property
    def is_counted(self) -> bool:
        """Return whether a verified organisation or two sources report it."""
        return any(observation.verified for observation in self.reports) or count_halves(self.reports) >= 4

    def includes(self, observation: DrugObservation) -> bool:
        """Return whether a report is about this incident, from its day and town."""
        first, towns = self.reports[0], {it.town for it in self.reports if it.town}
        if observation.incident or first.incident:
            return observation.incident == first.incident
        return observation.day - first.day <= TOGETHER and (
            not observation.town or not towns or observation.town in towns
        )


def find_incidents(reports: Sequence[DrugObservation]) -> list[Incident]:
    """Return the incidents in reports of one substance and region, first day first."""
    incidents: list[Incident] = []
    for observation in sorted(reports, key=lambda it: (it.day, it.town)):
        if not (observation.deaths or observation.overdoses):
            continue
        incident = next((it for it in incidents if it.includes(observation)), None)
        if incident is None:
            incident = Incident()
            incidents.append(incident)
        incident.reports.append(observation)
    return incidents


def count_harm(incidents: Sequence[Incident], kind: str) -> Harm:
    """Return the deaths or the overdoses of incidents.

    An incident has the highest number that a single source gives. `most` adds the numbers of all sources.
    """
    counted = least = most = 0
    for it in incidents:
        numbers: dict[str, int] = defaultdict(int)
        for number, observation in enumerate(it.reports):
            teller = observation.source or f"report {number}"
            numbers[teller] = max(numbers[teller], getattr(observation, kind))
        highest = max(numbers.values())
        counted += _limit_to_verified(it, kind, highest)
        least, most = least + highest, most + sum(numbers.values())
    return Harm(counted, least, most)


def _limit_to_verified(it: Incident, kind: str, highest: int) -> int:
    """Return the counted number of an incident: of verified organisations if there are any."""
    if not it.is_counted:
        return 0
    return max((getattr(observation, kind) for observation in it.reports if observation.verified), default=highest)
