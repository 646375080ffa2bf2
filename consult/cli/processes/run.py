"""`consult web`, `consult worker`, `consult clock`: the production processes, configured by CONSULT_* variables."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from consult import create_app
from consult.cli.processes.forks import ForkedProcess, module_runner
from consult.cli.processes.group import Supervisor
from consult.cli.processes.numbers import WholeNumber
from consult.cli.processes.ports import require_free_port
from consult.cli.schema_check import require_ready, warn
from consult.core import clock as core_clock
from consult.core.database import outages
from consult.core.processes.signals import catch_stop_signals
from consult.core.queue import QUEUES, require_broker_access
from consult.core.settings import Settings
from consult.core.web import systems
from consult.mail import wire
from consult.site.service import find_store_problem

_WORKER_CLASSES = {"buffered": "consult.cli.processes.buffered_worker.BufferedWorker", "gthread": "gthread"}


def web_arguments(bind: str, workers: int, threads: int, worker: str = "buffered") -> list[str]:
    """Return the arguments of gunicorn. The application is loaded once and shared; no request is logged."""
    return [
        "consult.cli.processes.run:shared()",
        "--config",
        "python:consult.cli.processes.gunicorn_hooks",
        "--bind",
        bind,
        "--worker-class",
        _WORKER_CLASSES[worker],
        "--workers",
        str(workers),
        "--threads",
        str(threads),
        "--preload",
        "--no-control-socket",
        "--timeout",
        "60",
        "--graceful-timeout",
        "15",
        "--limit-request-line",
        "8190",  # selected words are part of the URL
    ]


def shared() -> Flask:
    """Return the application, ready for forking. Its objects are excluded from garbage collection.

    A full collection would write to all of them, so that forks could not share the memory: 20 MB in each.
    """
    app = create_app()
    gc.collect()
    gc.freeze()
    return app


def worker_arguments(queues: str, concurrency: int, log_level: str) -> list[str]:
    """Return the arguments of a Celery worker. Gossip and mingle are off because our workers do not communicate."""
    return [
        "-A",
        "consult.worker",
        "--quiet",
        "worker",
        "--queues",
        queues,
        "--concurrency",
        str(concurrency),
        "--loglevel",
        log_level,
        "--without-gossip",
        "--without-mingle",
    ]


def production_settings() -> Settings:
    """Return the settings from the environment. Raises SettingsError if they are not fit for production."""
    found = Settings()
    found.require_production()
    return found


def ready_settings(*, opens: int = 0) -> Settings:
    """Return production settings after checking the database's schema, key and connection limit (`opens`).

    If the database does not respond, print a warning and continue: it may become available later, as /health shows.
    """
    found = production_settings()
    try:
        require_ready(found, opens=opens)
    except OperationalError as error:
        warn(f"The database does not answer yet: {outages.server_message(error)}")
    return found


def warn_about_services(settings: Settings, *, letters: bool) -> None:
    """Warn about file storage that does not persist, and passwords sent without encryption. Does not delay the start.

    The check runs in a fork, because the storage library starts threads and this process will be forked again.
    """
    ForkedProcess("look", work=lambda: print_service_warnings(settings, letters=letters)).start()


def print_service_warnings(settings: Settings, *, letters: bool) -> None:
    if wrong := find_store_problem(settings):
        warn(f"{wrong} Text is accepted, but files are not. Check CONSULT_FILES_URL.")
    if letters and wire.is_password_in_clear(settings.smtp_url.reveal()):
        warn(wire.IN_CLEAR_WARNING)


def require_bindable(bind: str) -> None:
    """Raise an error if the address is not free, before gunicorn retries for five seconds."""
    host, _, port = bind.rpartition(":")
    if bind.startswith("unix:"):
        if not Path(bind.removeprefix("unix:")).absolute().parent.is_dir():
            raise click.BadParameter("the folder does not exist.", param_hint="--bind")
    elif not port.isdigit() or not 0 < int(port) < 65_536:
        raise click.BadParameter("use an address and a port, such as 127.0.0.1:8000.", param_hint="--bind")
    else:
        require_free_port(host.strip("[]"), int(port), ("--bind", "--bind"))


def run_clock() -> None:
    """Run the scheduler until SIGTERM or Ctrl-C, and finish the current job."""
    with catch_stop_signals(lambda: os._exit(1)) as ended:
        core_clock.run(create_app(), ended, systems.is_paused)


@click.command("web")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port, or unix:PATH.")
@click.option("--workers", type=WholeNumber(1), default=2, show_default=True, help="Processes, one for each core.")
@click.option("--threads", type=WholeNumber(1), default=8, show_default=True, help="Threads in each process.")
def web(bind: str, workers: int, threads: int) -> None:
    """Run the web server (gunicorn)."""
    settings = ready_settings(opens=workers * min(threads, Settings().most_connections))
    require_bindable(bind)
    warn_about_services(settings, letters=False)
    module_runner("gunicorn", web_arguments(bind, workers, threads, settings.web_worker))()


@click.command("worker")
@click.option("--queues", default=",".join(QUEUES), show_default=True, help="Queues this worker reads.")
@click.option("--concurrency", type=WholeNumber(1), help="Number of processes. Default: CONSULT_WORKER_CONCURRENCY.")
@click.option("--clock", is_flag=True, help="Also run the scheduler.")
def worker(queues: str, concurrency: int | None, clock: bool) -> None:
    """Run the background worker (Celery).

    It sends e-mails, makes digests, updates counts and checks files.
    """
    settings = ready_settings()
    if unknown := sorted(set(queues.split(",")) - set(QUEUES)):
        said = f"unknown queue {', '.join(repr(name) for name in unknown)}. Choose from {', '.join(QUEUES)}."
        raise click.BadParameter(said, param_hint="--queues")
    require_broker_access(settings)
    warn_about_services(settings, letters="mail" in queues.split(","))
    arguments = worker_arguments(queues, concurrency or settings.worker_concurrency, settings.log_level)
    if not clock:
        module_runner("celery", arguments)()
        return
    supervisor = Supervisor(lambda said: click.echo(said, err=True))
    with catch_stop_signals(supervisor.hurry) as ended:
        supervisor.start(ForkedProcess("clock", work=run_clock))
        supervisor.start(ForkedProcess("worker", work=module_runner("celery", arguments), patience=60))
        supervisor.watch(ended)
        supervisor.stop()


@click.command("clock")
def clock() -> None:
    """Run the scheduler for timed jobs.

    It starts openings, closings, digests and waiting e-mails.
    """
    require_broker_access(ready_settings())
    run_clock()
