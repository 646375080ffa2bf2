"""Heartbeats: the clock beats, and asks of each queue that a worker who takes from it beats too."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core import attempts
from consult.core.clock import every
from consult.core.queue import QUEUES, Task, publish, task
from consult.site import service


def _beat(queue: str) -> Task:
    @task(f"{'site' if queue == 'default' else queue}.beat", limited=False)
    def beat(session: Session) -> None:
        service.beat(session, service.taker(queue))

    return beat


_BEATS = [_beat(queue) for queue in QUEUES]


@every(seconds=10)
def clock_beat(session: Session) -> None:
    service.beat(session, "clock")


@every(seconds=3600)
def forget_attempts(session: Session) -> None:
    attempts.forget(session)


@every(seconds=20)
def ask_workers(_session: Session) -> None:
    for beat in _BEATS:
        publish(beat)
