"""`consult web`, `consult worker`, `consult clock`: the three processes of production, set by CONSULT_* variables."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from consult import create_app
from consult.cli.numbers import WholeNumber
from consult.cli.processes.forks import ForkedProcess, module_runner
from consult.cli.processes.group import Supervisor
from consult.cli.processes.ports import require_free_port
from consult.cli.schema_check import require_ready, warn
from consult.core import clock as core_clock
from consult.core.database import outages
from consult.core.queue import QUEUES, require_broker_access
from consult.core.settings import Settings
from consult.core.signals import catch_stop_signals
from consult.mail import wire
from consult.site.service import find_store_problem


def web_arguments(bind: str, workers: int, threads: int) -> list[str]:
    """For gunicorn. The application is loaded once and shared; no line about who asked is logged."""
    return [
        "consult.cli.processes.run:shared()",
        "--bind",
        bind,
        "--worker-class",
        "consult.cli.processes.buffered_worker.BufferedWorker",
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
        "8190",  # selected words travel in the address
    ]


def shared() -> Flask:
    """The application, ready to be copied: what it has loaded is never looked through for garbage again.

    Each full look writes to all of it, so that the copies would share it no more: 20 MB in each.
    """
    app = create_app()
    gc.collect()
    gc.freeze()
    return app


def worker_arguments(queues: str, concurrency: int, log_level: str) -> list[str]:
    """For one Celery worker. Gossip and mingle are for workers that talk to each other; ours do not."""
    return [
        "-A",
        "consult.worker",
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
    """The settings of the environment. Raises SettingsError where they cannot serve in production."""
    found = Settings()
    found.require_production()
    return found


def ready_settings(*, opens: int = 0) -> Settings:
    """Those, where the database is not behind and has this key, for processes that may open so many connections.

    A database that does not answer yet may come later: one line says why it does not, and /health when it does.
    """
    found = production_settings()
    try:
        require_ready(found, opens=opens)
    except OperationalError as error:
        warn(f"The database does not answer yet: {outages.server_message(error)}")
    return found


def warn_about_services(settings: Settings, *, letters: bool) -> None:
    """Warns about a file store that keeps nothing, and a password sent in clear; does not delay the start.

    Asked in a copy of this process: the library of the store has threads, and this one will be copied again.
    """
    ForkedProcess("look", work=lambda: print_service_warnings(settings, letters=letters)).start()


def print_service_warnings(settings: Settings, *, letters: bool) -> None:
    if wrong := find_store_problem(settings):
        warn(f"{wrong} Words are accepted, files are not: look at CONSULT_FILES_URL.")
    if letters and wire.is_password_in_clear(settings.smtp_url.reveal()):
        warn(wire.IN_CLEAR_WARNING)


def require_bindable(bind: str) -> None:
    """A sentence where the pages cannot be served there, before gunicorn tries for five seconds."""
    host, _, port = bind.rpartition(":")
    if bind.startswith("unix:"):
        if not Path(bind.removeprefix("unix:")).absolute().parent.is_dir():
            raise click.BadParameter("there is no such folder.", param_hint="--bind")
    elif not port.isdigit() or not 0 < int(port) < 65_536:
        raise click.BadParameter("give an address and a port, such as 127.0.0.1:8000.", param_hint="--bind")
    else:
        require_free_port(host.strip("[]"), int(port), ("--bind", "--bind"))


def run_clock() -> None:
    """The life of the clock: until SIGTERM or Ctrl-C, and the chore that is being done then is finished."""
    with catch_stop_signals(lambda: os._exit(1)) as ended:
        core_clock.run(create_app(), ended)


@click.command("web")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port, or unix:PATH.")
@click.option("--workers", type=WholeNumber(1), default=2, show_default=True, help="Processes: one for each core.")
@click.option("--threads", type=WholeNumber(1), default=8, show_default=True, help="Threads of each process.")
def web(bind: str, workers: int, threads: int) -> None:
    """Serve the pages (gunicorn)."""
    settings = ready_settings(opens=workers * min(threads, Settings().most_connections))
    require_bindable(bind)
    warn_about_services(settings, letters=False)
    module_runner("gunicorn", web_arguments(bind, workers, threads))()


@click.command("worker")
@click.option("--queues", default=",".join(QUEUES), show_default=True, help="What this worker takes work from.")
@click.option("--concurrency", type=WholeNumber(1), help="Processes (default: CONSULT_WORKER_CONCURRENCY).")
@click.option("--clock", is_flag=True, help="Run the clock beside the worker.")
def worker(queues: str, concurrency: int | None, clock: bool) -> None:
    """Do the work that waits: letters, digests, counts (Celery)."""
    settings = ready_settings()
    if unknown := sorted(set(queues.split(",")) - set(QUEUES)):
        said = f"there is no queue {', '.join(repr(name) for name in unknown)}: choose from {', '.join(QUEUES)}."
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
    """Start what is due: openings, closings, digests, letters that wait."""
    require_broker_access(ready_settings())
    run_clock()
