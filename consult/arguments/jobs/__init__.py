"""Argument jobs that need numpy. Web processes start without it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from consult.core.jobs import Job


@Job
def place_fresh(session: Session, *, consultation_id: int, claim_ids: Sequence[int]) -> None:
    """New statements go to the argument of their place and stance that they are nearest to, if near enough."""
    raise NotImplementedError


@Job
def propose(session: Session, *, consultation_id: int, place: str, at: datetime) -> bool:
    """Groups the statements of a place again, except those that people sorted; gives whether anything changed."""
    raise NotImplementedError


@Job
def recentre(session: Session, arguments: Iterable[int]) -> None:
    """The centres of arguments whose statements were moved."""
    raise NotImplementedError


@Job
def label(session: Session, consultation_id: int, place: str) -> None:
    """Working labels for all arguments of a place, each distinct from the others."""
    raise NotImplementedError


@Job
def forget_statements(session: Session, consultation_id: int, lost: Mapping[str, Collection[int]]) -> None:
    """Takes words that nobody says any longer out of the labels and terms of places, and centres of their arguments."""
    raise NotImplementedError


@Job
def learn_codes(session: Session, *, consultation_id: int) -> None:
    """Learns every code of a consultation again. Safe to repeat."""
    raise NotImplementedError
