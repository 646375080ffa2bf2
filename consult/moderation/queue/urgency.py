"""Consultations whose submissions go first, with a clock of their own: those that are early warnings.

Which ones they are an upper package knows, and says through `source`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta

from sqlalchemy.orm import Session

AHEAD = timedelta(days=36_500)
"""The turn of what goes first is so much earlier than when it came in; among itself it keeps its order."""
CODE = "early"
"""What is found in a submission that goes first, beside what the checks find."""
DUE = timedelta(hours=24)
"""Within so long it is to be decided, on working days or not."""
UrgencySource = Callable[[Session, Collection[int]], Collection[int]]
_sources: list[UrgencySource] = []


def source(told: UrgencySource) -> UrgencySource:
    """Registers who says which of some consultations go first."""
    _sources.append(told)
    return told


def find_urgent(session: Session, consultation_ids: Collection[int]) -> frozenset[int]:
    """Those of the consultations that go first. One statement a source."""
    return frozenset(number for told in _sources for number in told(session, consultation_ids))
