"""Heartbeats: the clock beats, and so does whoever takes work from a queue; the clock sees to it that there is some."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core import attempts
from consult.core.clock import every
from consult.core.queue import QUEUES, Task, publish, task, witness
from consult.site import service


@witness
def worker_beat(session: Session, queue: str) -> None:
    service.beat(session, service.taker(queue))


def _question(queue: str) -> Task:
    @task(f"{'site' if queue == 'default' else queue}.beat", limited=False)
    def beat(_session: Session) -> None:
        """Work in itself: that it was taken is the answer."""

    return beat


_QUESTIONS = [_question(queue) for queue in QUEUES]


@every(seconds=10)
def clock_beat(session: Session) -> None:
    service.beat(session, "clock")


@every(seconds=3600)
def forget_attempts(session: Session) -> None:
    attempts.forget(session)


@every(seconds=20)
def ask_workers(_session: Session) -> None:
    for question in _QUESTIONS:
        publish(question)
