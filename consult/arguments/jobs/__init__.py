"""Argument jobs that need numpy, so that web processes start without it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from consult.core.jobs import Job


@Job
def place_fresh(session: Session, *, consultation_id: int, claim_ids: Sequence[int]) -> None:
    """Assign new statements to the nearest argument with the same part of the draft and type, if near enough."""
    raise NotImplementedError


@Job
def propose(session: Session, *, consultation_id: int, place: str, at: datetime) -> bool:
    """Regroup the statements on a part of the draft, except those that people placed.

    Return True if anything changed.
    """
    raise NotImplementedError


@Job
def place_rest(session: Session, *, consultation_id: int, place: str) -> bool:
    """Assign further statements, beyond those that were grouped, to the nearest arguments. Return True if some are
    left.
    """
    raise NotImplementedError


@Job
def recentre(session: Session, arguments: Iterable[int]) -> None:
    """Recompute the centres of arguments whose statements were moved."""
    raise NotImplementedError


@Job
def label(session: Session, consultation_id: int, place: str) -> None:
    """Set working labels for all arguments on a part of the draft, each distinct from the others."""
    raise NotImplementedError


@Job
def forget_statements(session: Session, consultation_id: int, lost: Mapping[str, Collection[int]]) -> None:
    """Remove deleted words from labels and terms of parts of the draft, and from centres of their arguments."""
    raise NotImplementedError
