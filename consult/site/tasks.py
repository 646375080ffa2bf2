"""Heartbeat tasks of the scheduler and of the workers of each queue."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core import task_retries
from consult.core.clock import every
from consult.core.queue import QUEUES, Task, on_work_taken, publish, task
from consult.site import service


@on_work_taken
def worker_beat(session: Session, queue: str) -> None:
    service.record_beat(session, service.worker_beat_name(queue))


def _question(queue: str) -> Task:
    @task(f"{'site' if queue == 'default' else queue}.beat", limited=False)
    def beat(_session: Session) -> None:
        """Do nothing. Running this task records the worker's heartbeat."""

    return beat


_QUESTIONS = [_question(queue) for queue in QUEUES]


@every(seconds=10, timeless=True)
def clock_beat(session: Session) -> None:
    service.record_beat(session, "clock")


@every(seconds=3600)
def forget_attempts(session: Session) -> None:
    task_retries.forget_expired(session)


@every(seconds=20, timeless=True)
def ask_workers(_session: Session) -> None:
    for question in _QUESTIONS:
        publish(question)
