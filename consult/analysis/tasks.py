"""The analysis in the background: counts, classes and campaigns are brought up to date as submissions come in.

Marks are made by as many workers as there are, in windows of the ledger; one at a time follows each consultation, in
steps that are transactions of their own, so that a kill costs one step and nothing is done twice.
"""

from __future__ import annotations

from importlib import import_module

from sqlalchemy.orm import Session

from consult.analysis import queries, service
from consult.analysis.model import Cursor
from consult.core.clock import every
from consult.core.queue import nudge, publish, task
from consult.ledger import service as ledger

_WINDOW = 1_000
_MOST_WINDOWS = 1_000


@task("analysis.fingerprint")
def fingerprint(session: Session, consultation_id: int, since: int, until: int) -> None:
    """Makes the marks of what was received in a window of the ledger, ahead of the one that follows."""
    samples = queries.samples(session, consultation_id, since, until)
    import_module("consult.analysis.stored").fingerprint(session, consultation_id=consultation_id, samples=samples)


@task("analysis.follow")
def follow(session: Session, consultation_id: int) -> None:
    """One step on, and the next step after it as a task of its own."""
    head = ledger.head(session)
    until = min(head, service.position(session, consultation_id) + service.STEP)
    service.follow(session, consultation_id=consultation_id, until=until)
    cursor = session.get(Cursor, consultation_id)
    if until < head:
        nudge(session, follow, consultation_id)
    elif cursor is not None and queries.is_due(cursor):
        nudge(session, compare, consultation_id)


@task("analysis.compare")
def compare(session: Session, consultation_id: int) -> None:
    service.compare(session, consultation_id=consultation_id)


@every(seconds=20)
def catch_up(session: Session) -> None:
    head = ledger.head(session)
    for consultation_id, at, far in queries.behind(session):
        starts = range(at, head if far else at, _WINDOW)
        for since in starts[:_MOST_WINDOWS]:
            publish(fingerprint, consultation_id, since, min(head, since + _WINDOW))
        publish(follow, consultation_id)
