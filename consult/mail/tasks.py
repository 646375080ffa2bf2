"""Background tasks of the outbox: send e-mails with or without the broker, and reconcile."""

from __future__ import annotations

from functools import partial
from threading import Thread

from sqlalchemy.orm import Session

from consult.core.clock import every, now
from consult.core.processes import threads
from consult.core.queue import publish, task
from consult.mail import confirmed_address, dead_letters, queries, reconciliation, suppression
from consult.mail import drain as mail_drain

_TASK_BUDGET = 60.0
_SWEEP_BUDGET = 12.0
_UNTAKEN = 45.0
_WAIT = _SWEEP_BUDGET + 3
"""Seconds the scheduler waits for its own sending. After 45 without a heartbeat it counts as stopped."""
_sweeping: list[Thread] = []


# The outbox counts its own attempts. Seven minutes cover the budget and one e-mail whose commands each take a minute.
@task("mail.drain", minutes=7, limited=False)
def drain(_session: Session, _part: int = 0) -> None:
    """Send due e-mails. `_part` only makes the messages of one transaction distinct, so that several workers help."""
    handled = mail_drain.drain(budget=_TASK_BUDGET)
    if handled and queries.has_due_letters(_session):
        publish(drain, 0)


@every(seconds=30, timeless=True)
def sweep(session: Session) -> None:
    """Queue due e-mails whose message the broker lost, and send those that no worker takes."""
    if not queries.has_due_letters(session):
        return
    session.rollback()  # Releases the snapshot while e-mails are sent.
    asked = publish(drain, 0)
    _drain_beside(older_than=_UNTAKEN if asked else 0)


def _drain_beside(*, older_than: float) -> None:
    """Send e-mails in a separate thread, one at a time, so that a slow mail server does not stop the scheduler."""
    if _sweeping and _sweeping[0].is_alive():
        return
    work = partial(mail_drain.drain, budget=_SWEEP_BUDGET, older_than=older_than)
    _sweeping[:] = [threads.start("mail-sweep", work)]
    _sweeping[0].join(_WAIT)


@every(seconds=300)
def reconcile(session: Session) -> None:
    reconciliation.reconcile(session)


@every(seconds=3600)
def forget(session: Session) -> None:
    """Delete expired failed e-mails, old single address failures and addresses that were not confirmed in time."""
    dead_letters.end_expired(session, at=now())
    suppression.forget_old_failures(session, at=now())
    confirmed_address.delete_expired(session, at=now())
