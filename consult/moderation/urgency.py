"""Priority of submissions to urgent consultations, such as early warnings.

Packages of higher layers register functions with `source` that select these consultations.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta

from sqlalchemy.orm import Session

AHEAD = timedelta(days=36_500)
"""Urgent submissions get a turn earlier by this much, and keep their order among themselves."""
CODE = "early"
"""The finding code of urgent submissions."""
DUE = timedelta(hours=24)
"""Deadline for a decision on an urgent submission, on working days or not."""
UrgencySource = Callable[[Session, Collection[int]], Collection[int]]
_sources: list[UrgencySource] = []


def source(told: UrgencySource) -> UrgencySource:
    """Register a function that selects the urgent consultations among some."""
    _sources.append(told)
    return told


def find_urgent(session: Session, consultation_ids: Collection[int]) -> frozenset[int]:
    """Return the urgent ones among these consultations. One statement for each source."""
    return frozenset(number for told in _sources for number in told(session, consultation_ids))
