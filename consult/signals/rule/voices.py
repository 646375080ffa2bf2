"""Voices: the least number of independent sources behind reports, in halves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from consult.signals.rule.observations import INSTRUMENTS, DrugObservation, drop_copies

MOST_UNNAMED = 4
"""The most halves for all reports without an organisation together."""


def count_halves(seen: Sequence[DrugObservation]) -> int:
    """Return the voices of observations in halves.

    An organisation counts as one independent source. A second day of its reports adds a half, a second day of its
    instrument findings adds one. Reports without an organisation together add at most two: one for the first, and a
    half for each further one. A further one counts if it has its own words and is the first of its network that day.
    The samples of organisations that sent no report together add one.
    """
    own = drop_copies(list(seen))
    reports = [observation for observation in own if not observation.sample]
    named: dict[str, list[DrugObservation]] = defaultdict(list)
    for observation in reports:
        if observation.source:
            named[observation.source].append(observation)
    samples = any(observation.sample and observation.source not in named for observation in own)
    return sum(map(_count_organisation, named.values())) + _count_unnamed(reports) + 2 * samples


def count_most(seen: Sequence[DrugObservation]) -> int:
    """Return the highest possible number of sources: organisations, and reports without one that are no copies."""
    own = drop_copies(list(seen))
    return len({observation.source for observation in own if observation.source}) + sum(
        not observation.source for observation in own
    )


def _count_organisation(own: Sequence[DrugObservation]) -> int:
    days, measured = (
        {observation.day for observation in own},
        {observation.day for observation in own if observation.basis in INSTRUMENTS},
    )
    return 4 if len(measured) > 1 else 3 if len(days) > 1 else 2


def _count_unnamed(reports: Sequence[DrugObservation]) -> int:
    unnamed = [observation for observation in reports if not observation.source]
    if not unnamed:
        return 0
    networks = sum(observation.arrival == 1 for observation in unnamed)
    return min(2 + max(networks - 1, 0), MOST_UNNAMED)
