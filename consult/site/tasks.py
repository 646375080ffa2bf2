"""Heartbeats: the clock beats, and asks a worker to beat through the broker."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.core.clock import every
from consult.core.queue import publish, task
from consult.site import service


@task("site.beat")
def beat(session: Session) -> None:
    service.beat(session, "worker")


@every(seconds=10)
def clock_beat(session: Session) -> None:
    service.beat(session, "clock")


@every(seconds=20)
def ask_worker(_session: Session) -> None:
    publish(beat)
