"""Work that never ends well is begun five times, rests, and is tried again; what ends well leaves nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.core import task_retries
from consult.core.clock import now
from consult.core.queue import Task, task
from consult.core.task_retries import MAX_RUNS, TaskAttempt

Make = Callable[..., tuple[Task, list[int]]]


@pytest.fixture
def make() -> Make:
    """A task that does what is asked with each run, and the list of its runs."""

    def made(act: Callable[[], object], **options: bool) -> tuple[Task, list[int]]:
        runs: list[int] = []

        @task(f"default.{uuid.uuid4().hex}", **options)
        def body(_session: Session, number: int) -> None:
            runs.append(number)
            act()

        return body, runs

    return made


class Broken(Exception):
    """An error that a task may raise."""


def fail(error: type[Exception] = Broken) -> None:
    raise error


def left(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(TaskAttempt)) or 0


def test_what_fails_again_and_again_rests_after_five_times_and_is_tried_again_later(
    session: Session, make: Make
) -> None:
    work, runs = make(fail)
    for _time in range(MAX_RUNS):
        with pytest.raises(Broken):
            work.published(4)
    work.published(4)
    assert runs == [4] * MAX_RUNS
    assert task_retries.list_resting(session) == [f"{work.name} 4"]
    with pytest.raises(Broken):
        work.published(5)
    with time_machine.travel(now() + timedelta(minutes=31)), pytest.raises(Broken):
        work.published(4)
    assert len(runs) == MAX_RUNS + 2


def test_what_ends_well_leaves_nothing_however_often_it_runs(session: Session, make: Make) -> None:
    work, runs = make(lambda: None)
    for _time in range(2 * MAX_RUNS):
        work.published(1)
    assert len(runs) == 2 * MAX_RUNS
    assert left(session) == 0


def test_work_that_counts_its_own_attempts_is_not_counted_here(session: Session, make: Make) -> None:
    work, runs = make(fail, limited=False)
    for _time in range(MAX_RUNS + 1):
        with pytest.raises(Broken):
            work.published(1)
    assert len(runs) == MAX_RUNS + 1
    assert left(session) == 0


def test_a_task_that_runs_out_of_memory_fails_alone(session: Session, make: Make) -> None:
    work, _runs = make(lambda: fail(MemoryError))
    with pytest.raises(RuntimeError, match="out of memory"):  # of a MemoryError Celery would end the whole worker
        work.published(1)
    assert left(session) == 1


def test_what_counts_no_more_is_forgotten(session: Session) -> None:
    task_retries.begin_attempt(session, "x", rest=timedelta(seconds=-1))
    task_retries.begin_attempt(session, "y", rest=timedelta(hours=1))
    task_retries.forget_expired(session)
    assert session.scalars(select(TaskAttempt.work)).all() == ["y"]
