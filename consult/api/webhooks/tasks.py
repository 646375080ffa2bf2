"""Background tasks of webhooks: send what is due, and delete old deliveries."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.api.webhooks import delivery
from consult.core.clock import every, is_stopping
from consult.core.queue import publish, task

_TASK_BUDGET = 60.0
_SWEEP_BUDGET = 3.0
"""Seconds for each webhook in the scheduler, if no worker can be asked."""


@task("webhooks.send", minutes=2, limited=False)
def send(_session: Session, hook_id: int) -> None:
    delivery.work(hook_id, budget=_TASK_BUDGET)


@every(seconds=5)
def sweep(session: Session) -> None:
    """Ask a worker to send for each webhook that is due. Send here if none can be asked."""
    due = delivery.list_due(session)
    session.rollback()  # each request has its own transactions
    for hook_id in due:
        if is_stopping():
            return
        if not publish(send, hook_id):
            delivery.work(hook_id, budget=_SWEEP_BUDGET)


@every(seconds=3600)
def forget(session: Session) -> None:
    delivery.forget_old(session)
