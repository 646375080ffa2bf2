"""Celery as an accelerator: PostgreSQL holds the work, and a message only starts it earlier.

A task takes IDs or nothing, opens its own transaction, reads the current state, and does nothing the second time. A
lost message only delays the work, because the scheduler finds the same work in the database.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from celery import Celery
from flask import Flask
from kombu import Exchange, Queue
from kombu.exceptions import OperationalError
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from consult.core import task_retries, time_check
from consult.core.crypto import UnsealError
from consult.core.database import outages
from consult.core.db import transaction
from consult.core.logs import begin_request, get_request_id, log
from consult.core.settings import Settings, SettingsError

celery = Celery("consult", set_as_default=True, fixups=[])
QUEUES = ("default", "mail", "files", "digests", "analysis")
_tasks: dict[str, Task] = {}
_applications: list[Flask] = []
"""The application in which tasks run: the last one created in this process."""
_REFUSAL_ERRORS = ("AccessRefused", "NotAllowed", "AuthenticationError")
"""Errors of RabbitMQ and Redis for rejected credentials."""
_work_listeners: list[Callable[[Session, str], None]] = []
_told_again: dict[str, float] = {}
_LISTENER_PAUSE = 10.0
"""The minimum seconds between two records that a process takes work."""
_away = {"until": 0.0}
_AWAY_PAUSE = 2.0
"""Seconds without a retry after the broker did not respond, so that few requests wait for it."""
_BUSY_PAUSE = 15
"""Seconds before a task that found a lock held is retried."""
_REFERENCE = "reference"
"""The header of a message with the ID of the request that queued it, so that lines of the log can be matched."""
_VISIBILITY_TIMEOUT = 900
_BROKER_OPTIONS = (
    {"visibility_timeout": _VISIBILITY_TIMEOUT, "unacked_restore_interval": 5, "unacked_restore_throttle": 1}
    | {"health_check_interval": 15, "retry_on_timeout": False}
    | {"max_retries": 0}  # kombu's own retries would hold a request for six seconds; workers have a separate rule below
)
_REQUEST_TIMEOUT = 0.25
"""Seconds that a request waits for a broker that accepts connections but does not respond. The message may be lost."""
_REQUEST_OPTIONS = {"socket_timeout": _REQUEST_TIMEOUT, "socket_connect_timeout": _REQUEST_TIMEOUT}  # of Redis
_REQUEST_OPTIONS |= {"read_timeout": _REQUEST_TIMEOUT, "write_timeout": _REQUEST_TIMEOUT}  # of RabbitMQ
_WORKER_TIMEOUT = 4.0
_WORKER_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 1, "read_timeout": None, "write_timeout": None}
"""Options of processes that read until there is work, or that check the broker at the start."""

celery.conf.update(
    task_acks_late=True,  # the message of a killed worker is delivered again
    task_reject_on_worker_lost=True,  # also if only the child process died (out of memory)
    worker_prefetch_multiplier=1,  # a slow digest must not hold e-mails behind it
    task_ignore_result=True,  # results are in the database
    task_serializer="json",
    accept_content=["json"],  # no format that can execute code
    broker_transport_options=_BROKER_OPTIONS | _REQUEST_OPTIONS,  # by default a lost task would be hidden for an hour
    broker_connection_timeout=_REQUEST_TIMEOUT,
    result_backend_transport_options={"visibility_timeout": _VISIBILITY_TIMEOUT},
    visibility_timeout=_VISIBILITY_TIMEOUT,
    task_publish_retry=False,  # requests never wait for the broker; the scheduler retries
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_soft_shutdown_timeout=10,  # on SIGTERM, current e-mails are finished
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_send_task_events=False,
    task_default_queue="default",
    task_routes={f"{queue}.*": {"queue": queue} for queue in QUEUES if queue != "default"},
    task_queues=[Queue(name, Exchange(name), routing_key=name) for name in QUEUES],  # a plain worker reads all queues
    worker_enable_remote_control=False,  # health is checked by a real task
)


class Busy(Exception):
    """Another process works on the same data. The task has not failed and is queued again with a delay."""


class Task:
    """A registered task: callable with a session in code and tests, and queued by `nudge`."""

    def __init__(self, name: str, body: Callable[..., None], published: Any) -> None:
        self.name = name
        self.body = body
        self.published = published
        functools.update_wrapper(self, body)

    def __call__(self, session: Session, *args: int | str) -> None:
        self.body(session, *args)


def task(name: str, *, minutes: int = 2, limited: bool = True) -> Callable[[Callable[..., None]], Task]:
    """Register `body(session, *ids)` as a Celery task `package.verb`. The first part of the name selects the queue.

    After `minutes` it is asked to stop, after twice as long its process is killed. Unless `limited` is False, a task
    that failed five times pauses until some time after the first failure. That time is long enough to count five runs
    that hang.
    """
    rest = timedelta(minutes=15 * minutes)

    def register(body: Callable[..., None]) -> Task:
        queue = next((queue for queue in QUEUES if name.startswith(f"{queue}.")), "default")

        @celery.task(name=name, soft_time_limit=60 * minutes, time_limit=120 * minutes)
        def run(*args: int | str) -> None:
            begin_request(run.request.get(_REFERENCE) or "")
            with _applications[-1].app_context(), _log_key_errors(name):
                time_check.measure()
                _notify_listeners(queue)
                with _counted_attempt(name, args, rest if limited else None) as session:
                    if session is not None:
                        body(session, *args)

        _tasks[name] = Task(name, body, run)
        return _tasks[name]

    return register


@contextmanager
def _log_key_errors(name: str) -> Iterator[None]:
    """Log a wrong key as one line. The attempt remains counted as failed."""
    try:
        yield
    except (UnsealError, SettingsError) as error:
        log.error("queue.task_failed", task=name, error=type(error).__name__, reason=str(error))


@contextmanager
def _counted_attempt(name: str, args: tuple[int | str, ...], rest: timedelta | None) -> Iterator[Session | None]:
    """Yield the transaction of one run, or None if the task is paused after failures."""
    work, number = " ".join(map(str, (name, *args))), None
    if rest is not None:
        with transaction() as before:
            number = task_retries.begin_attempt(before, work, rest=rest)
        if number is None:
            log.warning("queue.rests", work=work)
            yield None
            return
    try:
        with transaction() as session:
            yield session
            if number is not None:
                task_retries.end_attempt(session, number)
    except MemoryError as error:
        raise RuntimeError("out of memory") from error  # Celery would stop the whole worker and its other tasks
    except (Busy, DBAPIError) as error:
        if not isinstance(error, Busy) and not outages.is_passing(error):
            raise
        log.info("queue.waits", task=name, error=type(getattr(error, "orig", error)).__name__)
        if number is not None:
            with transaction() as after:
                task_retries.end_attempt(after, number)
        publish(_tasks[name], *args, seconds=_BUSY_PAUSE)


def on_work_taken(note: Callable[[Session, str], None]) -> Callable[[Session, str], None]:
    """Register a function called at intervals with the name of a queue from which this process takes work."""
    _work_listeners.append(note)
    return note


def _notify_listeners(queue: str) -> None:
    if time.monotonic() >= _told_again.get(queue, 0.0):
        _told_again[queue] = time.monotonic() + _LISTENER_PAUSE
        with transaction() as session:
            for note in _work_listeners:
                note(session, queue)


def find_task(name: str) -> Task:
    """Return the task with this name, for services, which cannot import the tasks above them."""
    return _tasks[name]


def nudge(session: Session, work: Task, *args: int | str) -> None:
    """Queue a task after this transaction commits. If the broker is down, the message is lost but not the work."""
    session.info.setdefault("nudges", {})[(work.name, args)] = work


@event.listens_for(Session, "after_commit")
def _publish_nudges(session: Session) -> None:
    nudges: dict[Any, Task] = session.info.pop("nudges", {})
    for (_name, args), work in nudges.items():
        publish(work, *args)


@event.listens_for(Session, "after_rollback")
def _forget_nudges(session: Session) -> None:
    session.info.pop("nudges", None)


def publish(work: Task, *args: int | str, seconds: int = 0) -> bool:
    """Queue a task to run after `seconds`.

    Returns False if the broker did not accept it, or did not respond a moment ago.
    """
    if time.monotonic() < _away["until"]:
        return False
    try:
        headers = {_REFERENCE: number} if (number := get_request_id()) else None
        work.published.apply_async(args, countdown=seconds or None, headers=headers)
    except Exception as error:  # kombu wraps what transports raise in different ways
        _away["until"] = time.monotonic() + _AWAY_PAUSE
        log.warning("queue.nudge_lost", task=work.name, error=type(error).__name__)
        return False
    return True


def use_worker_timeouts() -> None:
    """Use the longer broker timeouts of workers in this process."""
    celery.conf.update(
        broker_transport_options=_BROKER_OPTIONS | _WORKER_OPTIONS, broker_connection_timeout=_WORKER_TIMEOUT
    )


def require_broker_access(settings: Settings) -> None:
    """Raise SettingsError if the broker rejects the credentials. A broker that is down may become available later.

    The message does not contain the URL, because a password could be anywhere in it.
    """
    configure(settings)
    try:
        with celery.connection_for_write(
            connect_timeout=_WORKER_TIMEOUT, transport_options=_WORKER_OPTIONS
        ) as connection:
            connection.default_channel  # noqa: B018 - opens it
    except Exception as error:
        refused = error.__cause__ if isinstance(error, OperationalError) else error
        if type(refused).__name__ in _REFUSAL_ERRORS:  # each transport has its own class, and only one is loaded
            variable = "CONSULT_BROKER_URL" if settings.broker_url else "CONSULT_REDIS_URL"
            raise SettingsError(
                f"The broker rejects the user, the password or the virtual host in {variable}."
            ) from error


def configure(settings: Settings) -> None:
    celery.conf.update(broker_url=settings.celery_broker, worker_concurrency=settings.worker_concurrency)
    _away["until"] = 0.0


def init_app(app: Flask) -> None:
    configure(app.config["SETTINGS"])
    _applications.append(app)
