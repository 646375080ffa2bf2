"""Voices: the least number of independent sources behind reports, in halves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from consult.signals.rule.observations import INSTRUMENTS, Observation, drop_copies

MOST_UNNAMED = 4
"""The most halves for all reports without an organisation together."""


def count_halves(seen: Sequence[Observation]) -> int:
    """Return the voices of observations in halves.

    An organisation has one voice, with a half more for a second day of its reports, or one more for a second day of
    its instrument findings. All reports without an organisation have at most two: one for the first, and a half for
    each further one that has its own words and is the first of its network that day. All samples of organisations that
    sent no report have one.
    """
    own = drop_copies(list(seen))
    reports = [one for one in own if not one.sample]
    named: dict[str, list[Observation]] = defaultdict(list)
    for one in reports:
        if one.source:
            named[one.source].append(one)
    samples = any(one.sample and one.source not in named for one in own)
    return sum(map(_count_organisation, named.values())) + _count_unnamed(reports) + 2 * samples


def count_most(seen: Sequence[Observation]) -> int:
    """Return the highest possible number of sources: organisations, and reports without one that are no copies."""
    own = drop_copies(list(seen))
    return len({one.source for one in own if one.source}) + sum(not one.source for one in own)


def _count_organisation(own: Sequence[Observation]) -> int:
    days, measured = {one.day for one in own}, {one.day for one in own if one.basis in INSTRUMENTS}
    return 4 if len(measured) > 1 else 3 if len(days) > 1 else 2


def _count_unnamed(reports: Sequence[Observation]) -> int:
    unnamed = [one for one in reports if not one.source]
    if not unnamed:
        return 0
    networks = sum(one.arrival == 1 for one in unnamed)
    return min(2 + max(networks - 1, 0), MOST_UNNAMED)
