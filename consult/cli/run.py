"""`consult web`, `consult worker`, `consult clock`: the three processes of production, set by CONSULT_* variables."""

from __future__ import annotations

import os

import click
from pydantic import ValidationError

from consult import create_app
from consult.cli.forked import Forked, module
from consult.cli.processes import Supervisor, until_told
from consult.core import clock as ticking
from consult.core.queue import QUEUES
from consult.core.settings import Settings, SettingsError


def web_arguments(bind: str, workers: int, threads: int) -> list[str]:
    """For gunicorn with threads. The application is loaded once and shared; no line about who asked is logged."""
    return [
        "consult:create_app()", "--bind", bind, "--worker-class", "gthread", "--workers", str(workers),
        "--threads", str(threads), "--preload", "--no-control-socket", "--timeout", "60", "--graceful-timeout", "15",
        "--limit-request-line", "8190",  # selected words travel in the address
    ]  # fmt: skip


def worker_arguments(queues: str, concurrency: int, log_level: str) -> list[str]:
    """For one Celery worker. Gossip and mingle are for workers that talk to each other; ours do not."""
    return [
        "-A", "worker.celery", "worker", "--queues", queues, "--concurrency", str(concurrency),
        "--loglevel", log_level, "--without-gossip", "--without-mingle",
    ]  # fmt: skip


def production_settings() -> Settings:
    """The settings of the environment; a ClickException in one sentence where they cannot serve in production."""
    try:
        found = Settings()
        found.require_production()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    except ValidationError as error:
        wrong = error.errors()[0]
        name = "CONSULT_" + "_".join(str(part) for part in wrong["loc"]).upper()
        raise click.ClickException(f"{name} cannot be used: {wrong['msg']}.") from error
    return found


def tick() -> None:
    """The life of the clock: until SIGTERM or Ctrl-C, and the chore that is being done then is finished."""
    with until_told(lambda: os._exit(1)) as ended:
        ticking.run(create_app(), ended)


@click.command("web")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port, or unix:PATH.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Processes: one for each core.")
@click.option("--threads", type=click.IntRange(1), default=8, show_default=True, help="Threads of each process.")
def web(bind: str, workers: int, threads: int) -> None:
    """Serve the pages (gunicorn)."""
    production_settings()
    module("gunicorn", web_arguments(bind, workers, threads))()


@click.command("worker")
@click.option("--queues", default=",".join(QUEUES), show_default=True, help="What this worker takes work from.")
@click.option("--concurrency", type=click.IntRange(1), help="Processes (default: CONSULT_WORKER_CONCURRENCY).")
@click.option("--clock", is_flag=True, help="Run the clock beside the worker.")
def worker(queues: str, concurrency: int | None, clock: bool) -> None:
    """Do the work that waits: letters, digests, counts (Celery)."""
    settings = production_settings()
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
    production_settings()
    tick()
