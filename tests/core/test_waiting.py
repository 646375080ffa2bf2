"""To wait for a lock is no failure: the work comes again, nothing rests, and the log has one line of it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.arguments import queries
from consult.arguments import service as arguments
from consult.arguments import tasks as argument_tasks
from consult.core import clock, queue, task_retries
from consult.core.clock import Chore
from consult.core.db import advisory_lock, separate_transaction
from consult.core.queue import Busy, Task, task
from consult.core.task_retries import MAX_RUNS, TaskAttempt
from consult.ledger import service as ledger
from tests import factories
from tests.filing import file

_IMPATIENT = text("SET LOCAL lock_timeout = '20ms'")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int | str, ...], int]]:
    """Record what is put on a queue, and after how many seconds it is to run."""
    seen: list[tuple[str, tuple[int | str, ...], int]] = []

    def note(work: Task, *args: int | str, seconds: int = 0) -> bool:
        seen.append((work.name, args, seconds))
        return True

    monkeypatch.setattr(queue, "publish", note)
    return seen


@contextmanager
def held(name: str) -> Iterator[None]:
    """Another transaction has this lock."""
    with separate_transaction() as other:
        advisory_lock(other, name)
        yield


def wait(session: Session) -> None:
    session.execute(_IMPATIENT)
    advisory_lock(session, "test.held")


def deadlock(session: Session) -> None:
    session.execute(text("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$"))


def lose(session: Session) -> None:
    session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def busy(_session: Session) -> None:
    raise Busy


def made(act: Callable[[Session], None]) -> Task:
    @task(f"default.{uuid.uuid4().hex}")
    def body(session: Session, _number: int) -> None:
        act(session)

    return body


@pytest.mark.parametrize("act", [wait, deadlock, lose, busy])
def test_a_task_that_others_were_in_the_way_of_never_rests_and_comes_again(
    session: Session,
    act: Callable[[Session], None],
    published: list[tuple[str, tuple[int | str, ...], int]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    work = made(act)
    with held("test.held"):
        for _time in range(MAX_RUNS + 1):
            work.published(4)
    assert task_retries.list_resting(session) == []
    assert session.scalar(select(func.count()).select_from(TaskAttempt)) == 0
    assert published == [(work.name, (4,), queue._BUSY_PAUSE)] * (MAX_RUNS + 1)
    assert "Traceback" not in capsys.readouterr().err


def test_a_statement_that_takes_too_long_is_a_failure_of_its_task(session: Session) -> None:
    def sleep(own: Session) -> None:
        own.execute(text("SET LOCAL statement_timeout = '20ms'"))
        own.execute(text("SELECT pg_sleep(1)"))

    work = made(sleep)
    with pytest.raises(DBAPIError):
        work.published(4)
    assert session.scalar(select(func.count()).select_from(TaskAttempt)) == 1


@pytest.mark.usefixtures("app")
def test_a_chore_that_waited_too_long_is_one_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    with held("test.held"):
        assert not clock.run_chore(Chore("test", 1, wait, timeless=True))
    assert "exception" not in "".join(str(json.loads(line)) for line in capsys.readouterr().err.splitlines())


def test_arguments_are_not_waited_for_by_a_worker(
    session: Session, published: list[tuple[str, tuple[int | str, ...], int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would do nothing else meanwhile. What the clock asks for again anyway is not published here."""
    number = factories.consultation(session).id
    session.commit()
    with separate_transaction() as other:
        arguments.FOLLOWER.lock(other, number)
        session.execute(_IMPATIENT)
        argument_tasks.follow(session, number)
        with pytest.raises(Busy):
            argument_tasks.propose(session, number, "1")
        monkeypatch.setattr(queries, "list_due", lambda _session: [(number, "1")])
        argument_tasks.propose(session, number, "1")
    assert published == []


def test_arguments_follow_in_steps_where_the_analysis_is_far_ahead(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an import: all of it in one transaction took longer than the task may, each time it was tried."""
    row = factories.consultation(session)
    here = row.id
    for number in range(12):
        file(session, row, f"Words {number}.", published=True)
    head = ledger.number_entries(session)
    analysis.FOLLOWER.follow(session, consultation_id=here, until=head)
    session.commit()
    monkeypatch.setattr(arguments.FOLLOWER, "_most", 5)
    argument_tasks.follow(session, here)
    assert arguments.FOLLOWER.get_position(session, here) == 6
    assert [args for _name, args in session.info["nudges"]] == [(here,)]
