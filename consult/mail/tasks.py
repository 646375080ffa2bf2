"""The outbox's task and chores: letters go out with the broker or without it, and the sums are checked."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.core.queue import publish, task
from consult.mail import draining, queries, reconciling

_TASK_BUDGET = 60.0
_SWEEP_BUDGET = 12.0
_UNTAKEN = 45.0


@task("mail.drain", limited=False)  # what it takes counts its own attempts
def drain(_session: Session, _part: int = 0) -> None:
    """Sends what is due. `part` only tells messages of one transaction apart, so that several workers help."""
    handled = draining.drain(budget=_TASK_BUDGET)
    if handled and queries.anything_due(_session):
        publish(drain, 0)


@every(seconds=30)
def sweep(session: Session) -> None:
    """Letters whose message the broker lost: asks a worker again, and sends by itself what nobody takes."""
    if not queries.anything_due(session):
        return
    session.rollback()  # holds no snapshot while letters are sent
    asked = publish(drain, 0)
    draining.drain(budget=_SWEEP_BUDGET, older_than=_UNTAKEN if asked else 0)


@every(seconds=300)
def reconcile(session: Session) -> None:
    reconciling.reconcile(session)
