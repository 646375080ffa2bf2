"""`consult web`, `consult worker`, `consult clock`: the three processes of production, set by CONSULT_* variables."""

from __future__ import annotations

import gc
import os
from contextlib import suppress
from pathlib import Path

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from consult import create_app
from consult.cli.forked import Forked, module
from consult.cli.listening import require_free
from consult.cli.numbers import Whole
from consult.cli.processes import Supervisor
from consult.cli.ready import require_migrated
from consult.core import clock as ticking
from consult.core.queue import QUEUES, require_let_in
from consult.core.settings import Settings
from consult.core.signals import until_told


def web_arguments(bind: str, workers: int, threads: int) -> list[str]:
    """For gunicorn with threads. The application is loaded once and shared; no line about who asked is logged."""
    return [
        "consult.cli.run:shared()", "--bind", bind, "--worker-class", "gthread", "--workers", str(workers),
        "--threads", str(threads), "--preload", "--no-control-socket", "--timeout", "60", "--graceful-timeout", "15",
        "--limit-request-line", "8190",  # selected words travel in the address
    ]  # fmt: skip


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
        "-A", "worker.celery", "worker", "--queues", queues, "--concurrency", str(concurrency),
        "--loglevel", log_level, "--without-gossip", "--without-mingle",
    ]  # fmt: skip


def production_settings() -> Settings:
    """The settings of the environment. Raises SettingsError where they cannot serve in production."""
    found = Settings()
    found.require_production()
    return found


def ready_settings() -> Settings:
    """Those, where the database is not behind. One that does not answer yet may come later: /health tells of it."""
    found = production_settings()
    with suppress(OperationalError):
        require_migrated(found)
    return found


def require_place(bind: str) -> None:
    """A sentence where the pages cannot be served there, before gunicorn tries for five seconds."""
    host, _, port = bind.rpartition(":")
    if bind.startswith("unix:"):
        if not Path(bind.removeprefix("unix:")).absolute().parent.is_dir():
            raise click.BadParameter("there is no such folder.", param_hint="--bind")
    elif not port.isdigit() or not 0 < int(port) < 65_536:
        raise click.BadParameter("give an address and a port, such as 127.0.0.1:8000.", param_hint="--bind")
    else:
        require_free(host.strip("[]"), int(port), ("--bind", "--bind"))


def tick() -> None:
    """The life of the clock: until SIGTERM or Ctrl-C, and the chore that is being done then is finished."""
    with until_told(lambda: os._exit(1)) as ended:
        ticking.run(create_app(), ended)


@click.command("web")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port, or unix:PATH.")
@click.option("--workers", type=Whole(1), default=2, show_default=True, help="Processes: one for each core.")
@click.option("--threads", type=Whole(1), default=8, show_default=True, help="Threads of each process.")
def web(bind: str, workers: int, threads: int) -> None:
    """Serve the pages (gunicorn)."""
    ready_settings()
    require_place(bind)
    module("gunicorn", web_arguments(bind, workers, threads))()


@click.command("worker")
@click.option("--queues", default=",".join(QUEUES), show_default=True, help="What this worker takes work from.")
@click.option("--concurrency", type=Whole(1), help="Processes (default: CONSULT_WORKER_CONCURRENCY).")
@click.option("--clock", is_flag=True, help="Run the clock beside the worker.")
def worker(queues: str, concurrency: int | None, clock: bool) -> None:
    """Do the work that waits: letters, digests, counts (Celery)."""
    settings = ready_settings()
    if unknown := sorted(set(queues.split(",")) - set(QUEUES)):
        said = f"there is no queue {', '.join(repr(name) for name in unknown)}: choose from {', '.join(QUEUES)}."
        raise click.BadParameter(said, param_hint="--queues")
    require_let_in(settings)
    arguments = worker_arguments(queues, concurrency or settings.worker_concurrency, settings.log_level)
    if not clock:
        module("celery", arguments)()
        return
    supervisor = Supervisor(lambda said: click.echo(said, err=True))
    with until_told(supervisor.hurry) as ended:
        supervisor.start(Forked("clock", work=tick))
        supervisor.start(Forked("worker", work=module("celery", arguments), patience=60))
        supervisor.watch(ended)
        supervisor.stop()


@click.command("clock")
def clock() -> None:
    """Start what is due: openings, closings, digests, letters that wait."""
    require_let_in(ready_settings())
    tick()
