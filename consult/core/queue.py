"""Celery as a nudge: PostgreSQL holds the work, a message only starts it earlier.

A task takes ids or nothing, opens its own transaction, reads the present state, and does nothing the second time.
A lost message costs seconds: the clock's sweeps find the same work in the database.
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
from sqlalchemy.orm import Session

from consult.core import task_retries, time_check
from consult.core.crypto import UnsealError
from consult.core.db import transaction
from consult.core.logs import log
from consult.core.settings import Settings, SettingsError

celery = Celery("consult", set_as_default=True, fixups=[])
QUEUES = ("default", "mail", "files", "digests", "analysis")
_tasks: dict[str, Task] = {}
_applications: list[Flask] = []
"""The application that tasks run in: the last one made in this process."""
_REFUSAL_ERRORS = ("AccessRefused", "NotAllowed", "AuthenticationError")
"""What RabbitMQ and Redis say to who may not come in."""
_work_listeners: list[Callable[[Session, str], None]] = []
_told_again: dict[str, float] = {}
_LISTENER_PAUSE = 10.0
"""Seconds in which a process that works on is not noted again."""
_away = {"until": 0.0}
_AWAY_PAUSE = 2.0
"""Seconds in which a broker that did not answer is not asked again, so that few requests wait for it."""
_VISIBILITY_TIMEOUT = 900
_BROKER_OPTIONS = (
    {"visibility_timeout": _VISIBILITY_TIMEOUT, "unacked_restore_interval": 5, "unacked_restore_throttle": 1}
    | {"health_check_interval": 15, "retry_on_timeout": False}
    | {"max_retries": 0}  # kombu's own tries would hold a request for six seconds; a worker has its own rule below
)
_REQUEST_TIMEOUT = 0.25
"""Seconds that a request waits for a broker that takes connections and says nothing: its nudge may be lost."""
_REQUEST_OPTIONS = {"socket_timeout": _REQUEST_TIMEOUT, "socket_connect_timeout": _REQUEST_TIMEOUT}  # of Redis
_REQUEST_OPTIONS |= {"read_timeout": _REQUEST_TIMEOUT, "write_timeout": _REQUEST_TIMEOUT}  # of RabbitMQ
_WORKER_TIMEOUT = 4.0
_WORKER_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 1, "read_timeout": None, "write_timeout": None}
"""For who reads until there is work, and for who asks at the start."""

celery.conf.update(
    task_acks_late=True,  # a killed worker's message comes back
    task_reject_on_worker_lost=True,  # also when only the child died (out of memory)
    worker_prefetch_multiplier=1,  # a slow digest must not hold letters behind it
    task_ignore_result=True,  # the database is the result
    task_serializer="json",
    accept_content=["json"],  # nothing that can run code
    broker_transport_options=_BROKER_OPTIONS | _REQUEST_OPTIONS,  # the stock hour would hide a lost task for an hour
    broker_connection_timeout=_REQUEST_TIMEOUT,
    result_backend_transport_options={"visibility_timeout": _VISIBILITY_TIMEOUT},
    visibility_timeout=_VISIBILITY_TIMEOUT,
    task_publish_retry=False,  # a request never waits for the broker; the sweep is the retry
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_soft_shutdown_timeout=10,  # on SIGTERM running letters are finished
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    task_default_queue="default",
    task_routes={f"{queue}.*": {"queue": queue} for queue in QUEUES if queue != "default"},
    task_queues=[Queue(name, Exchange(name), routing_key=name) for name in QUEUES],  # a plain worker takes from all
    worker_enable_remote_control=False,  # no pidbox traffic; health is asked by a real task
)


class Task:
    """A registered task: callable with a session in code and tests, publishable by `nudge`."""

    def __init__(self, name: str, body: Callable[..., None], published: Any) -> None:
        self.name = name
        self.body = body
        self.published = published
        functools.update_wrapper(self, body)

    def __call__(self, session: Session, *args: int | str) -> None:
        self.body(session, *args)


def task(name: str, *, minutes: int = 2, limited: bool = True) -> Callable[[Callable[..., None]], Task]:
    """Registers `body(session, *ids)` as a Celery task `package.verb`; the first part of the name is its queue.

    After so many minutes it is told to give up, after twice as many its process is ended. Unless it is not `limited`,
    one that has not ended well five times is begun no more until some time after the first: long enough for five that
    hang to count.
    """
    rest = timedelta(minutes=15 * minutes)

    def register(body: Callable[..., None]) -> Task:
        queue = next((queue for queue in QUEUES if name.startswith(f"{queue}.")), "default")

        @celery.task(name=name, soft_time_limit=60 * minutes, time_limit=120 * minutes)
        def run(*args: int | str) -> None:
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
    """A key that does not fit is one line of the log; what was begun stays counted as not ended."""
    try:
        yield
    except (UnsealError, SettingsError) as error:
        log.error("queue.task_failed", task=name, error=type(error).__name__, reason=str(error))


@contextmanager
def _counted_attempt(name: str, args: tuple[int | str, ...], rest: timedelta | None) -> Iterator[Session | None]:
    """The transaction of one run; nothing where the work rests."""
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
        raise RuntimeError("out of memory") from error  # Celery would end the whole worker, and its neighbours with it


def on_work_taken(note: Callable[[Session, str], None]) -> Callable[[Session, str], None]:
    """Registers what is called with the name of a queue when this process takes work from it, now and then."""
    _work_listeners.append(note)
    return note


def _notify_listeners(queue: str) -> None:
    if time.monotonic() >= _told_again.get(queue, 0.0):
        _told_again[queue] = time.monotonic() + _LISTENER_PAUSE
        with transaction() as session:
            for note in _work_listeners:
                note(session, queue)


def find_task(name: str) -> Task:
    """The task registered under this name: for a service, which lies below the tasks that call it."""
    return _tasks[name]


def nudge(session: Session, work: Task, *args: int | str) -> None:
    """Publishes the task after this transaction commits. A broker that is away loses the nudge, never the work."""
    session.info.setdefault("nudges", {})[(work.name, args)] = work


@event.listens_for(Session, "after_commit")
def _publish_nudges(session: Session) -> None:
    nudges: dict[Any, Task] = session.info.pop("nudges", {})
    for (_name, args), work in nudges.items():
        publish(work, *args)


@event.listens_for(Session, "after_rollback")
def _forget_nudges(session: Session) -> None:
    session.info.pop("nudges", None)


def publish(work: Task, *args: int | str) -> bool:
    """Puts the task on its queue now; False where the broker did not take it, or did not a moment ago."""
    if time.monotonic() < _away["until"]:
        return False
    try:
        work.published.apply_async(args)
    except Exception as error:  # kombu wraps what each transport raises differently
        _away["until"] = time.monotonic() + _AWAY_PAUSE
        log.warning("queue.nudge_lost", task=work.name, error=type(error).__name__)
        return False
    return True


def use_worker_timeouts() -> None:
    """Lets this process wait for the broker as a worker must; a request that publishes does not."""
    celery.conf.update(
        broker_transport_options=_BROKER_OPTIONS | _WORKER_OPTIONS, broker_connection_timeout=_WORKER_TIMEOUT
    )


def require_broker_access(settings: Settings) -> None:
    """Raises SettingsError where the broker answers and refuses who asks; one that is away may come later.

    The sentence has nothing of the address: a password may stand anywhere in it.
    """
    configure(settings)
    try:
        with celery.connection_for_write(
            connect_timeout=_WORKER_TIMEOUT, transport_options=_WORKER_OPTIONS
        ) as connection:
            connection.default_channel  # noqa: B018 - opens it
    except Exception as error:
        refused = error.__cause__ if isinstance(error, OperationalError) else error
        if type(refused).__name__ in _REFUSAL_ERRORS:  # each transport has its own, and only one of them is loaded
            variable = "CONSULT_BROKER_URL" if settings.broker_url else "CONSULT_REDIS_URL"
            raise SettingsError(
                f"The broker refuses the user, the password or the virtual host that {variable} gives."
            ) from error


def configure(settings: Settings) -> None:
    celery.conf.update(broker_url=settings.celery_broker, worker_concurrency=settings.worker_concurrency)
    _away["until"] = 0.0


def init_app(app: Flask) -> None:
    configure(app.config["SETTINGS"])
    _applications.append(app)
