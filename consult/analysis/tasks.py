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


@task("analysis.fingerprint")
def fingerprint(session: Session, consultation_id: int, since: int, until: int) -> None:
    """Makes the marks of what was received in a window of the ledger, ahead of the one that follows."""
    samples = queries.samples(session, consultation_id, since, until)
    import_module("consult.analysis.stored").fingerprint(session, consultation_id=consultation_id, samples=samples)


@task("analysis.follow")
def follow(session: Session, consultation_id: int) -> None:
    """One step on, while others make the marks of the next, which is a task of its own; nothing if another is at it."""
    if not service.is_free(session, consultation_id):
        return
    head = ledger.head(session)
    until = min(head, service.position(session, consultation_id) + service.STEP)
    ahead(consultation_id, until, min(head, until + service.STEP))
    service.follow(session, consultation_id=consultation_id, until=until)
    cursor = session.get(Cursor, consultation_id)
    if until < head:
        nudge(session, follow, consultation_id)
    elif cursor is not None and queries.is_due(cursor):
        nudge(session, compare, consultation_id)


def ahead(consultation_id: int, since: int, until: int) -> None:
    """Has the marks made of what was received from `since` on, in windows."""
    for start in range(since, until, _WINDOW):
        publish(fingerprint, consultation_id, start, min(until, start + _WINDOW))


@task("analysis.compare", minutes=10)
def compare(session: Session, consultation_id: int) -> None:
    service.compare(session, consultation_id=consultation_id)


@every(seconds=5)
def catch_up(session: Session) -> None:
    for consultation_id in queries.behind(session):
        publish(follow, consultation_id)
