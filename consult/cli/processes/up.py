"""`consult up`: all of Consult on one machine, until Ctrl-C."""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from sqlalchemy import create_engine, delete

from consult import create_app
from consult.cli.database import MigrationRefused, migrate
from consult.cli.processes import environment, run, screen
from consult.cli.processes.forks import ForkedProcess, module_runner
from consult.cli.processes.group import Supervisor
from consult.cli.processes.numbers import WholeNumber
from consult.cli.processes.ports import require_free_port
from consult.cli.sample import files as sample_files
from consult.cli.sample import loader as sample_loader
from consult.cli.schema_check import require_key
from consult.core import time_check
from consult.core.clock import now
from consult.core.db import transaction
from consult.core.processes.signals import StopSignal, catch_stop_signals
from consult.core.queue import QUEUES
from consult.core.secret_files import file_variable, read_setting
from consult.core.settings import Settings, SettingsError
from consult.core.time_check import DoubtKind
from consult.core.web.load_progress import LoadProgress
from consult.embedded import EmbeddedError, Servers
from consult.embedded.folder import ensure_writable
from consult.ledger import service as ledger
from consult.site.model import Heartbeat

_ANSWER_SECONDS, _WHOLE_SECONDS = 120.0, 60.0
_PAUSE = 0.05
_PAGES, _THREADS = 2, 8


@dataclass(frozen=True)
class UpOptions:
    """Options of the command line."""

    demo: bool
    host: str
    port: int
    folder: Path

    @property
    def local_host(self) -> str:
        """Return the host under which this machine reaches it."""
        return "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104 - compared, not bound

    @property
    def address(self) -> str:
        return f"http://{self.local_host}:{self.port}"


@click.command("up")
@click.option("--demo", is_flag=True, help="Load the sample once: drafts, submissions and accounts to sign in with.")
@click.option("--port", type=WholeNumber(1, 65535), default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--data", "folder", type=click.Path(path_type=Path), help="Folder for all data. Default: CONSULT_DATA_DIR or ./var."
)
def up(demo: bool, port: int, host: str, folder: Path | None) -> None:
    """Start everything on this machine. Ctrl-C stops it.

    PostgreSQL and Valkey are started too, on private sockets. All data are in one folder (--data, CONSULT_DATA_DIR or
    ./var). The next start uses them again.
    """
    environment.require_no_external_services()
    Settings(demo=demo).require_private_demo()
    try:
        require_free_port(host, port, ("--port", "--host and --port"))
        place = ensure_writable(folder or environment.data_dir())
        UpRun(UpOptions(demo, host, port, place), Console(highlight=False, soft_wrap=True)).run()
    except EmbeddedError as error:
        raise click.ClickException(str(error)) from error


def forget_heartbeats(url: str) -> None:
    """Delete heartbeats of an earlier run, so that the health page shows the current one."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(delete(Heartbeat))
    engine.dispose()


def confirm_gap() -> None:
    """Confirm the time after days without a run, unless the ledger has entries from the future.

    The person who starts it here sees the date on the screen. In production an administrator confirms: `consult repair
    clock`.
    """
    with create_app().app_context(), transaction() as session:
        at, doubt = time_check.find_doubt(session)
        ahead = doubt is not None and doubt.kind is DoubtKind.AHEAD
        if ahead and not ledger.count_later(session, at=at + time_check.TOLERANCE):
            time_check.confirm_time(session)


def load_sample() -> None:
    """Load the sample in one transaction. Does nothing if it is loaded already."""
    progress = LoadProgress(Settings().data_dir)
    try:
        with create_app().app_context(), transaction() as session:
            sample_loader.load(session, now=now(), track=progress.track)
    finally:
        progress.end()


class UpRun:
    """One run of `consult up`: the started processes and the order in which they stop."""

    def __init__(self, options: UpOptions, console: Console) -> None:
        self.options = options
        self.progress = screen.StartProgress(console)
        self.supervisor = Supervisor(self.progress.say)
        self.servers = Servers(options.folder, self.progress.say)
        self.checks: dict[str, str] = {}
        self.ended = StopSignal()
        self.starting = True
        self.begun = False

    def run(self) -> None:
        """Start, show the summary and supervise. Always stop web, scheduler, worker and servers in that order."""
        with catch_stop_signals(self._hurry) as self.ended, ExitStack() as closing:
            for last_first in (self._say_goodbye, self.servers.stop, self._forget, self.supervisor.stop):
                closing.callback(last_first)
            self._start()
            if not self.ended.is_set():
                self.progress.show(screen.render_summary(self._facts()))
                self.supervisor.watch(self.ended, self._look_after_servers)
            self.progress.say("Stopping the web server, the scheduler, the worker, then the databases")

    def _start(self) -> None:
        before = (self._start_servers, self._migrate)
        for step in (*before, self._start_pages, self._load_sample, self._start_jobs, self._wait):
            if not self.ended.is_set():
                step()
        self.starting = False

    def _hurry(self) -> None:
        """Handle the second Ctrl-C: abort the start, or stop waiting for processes to end."""
        if self.starting:
            self.starting = False
            raise KeyboardInterrupt
        self.supervisor.hurry()

    def _start_servers(self) -> None:
        urls = self.servers.start()
        self.begun = True
        values = {
            "CONSULT_DATABASE_URL": urls.database,
            "CONSULT_REDIS_URL": urls.redis,
            "CONSULT_DATA_DIR": str(self.options.folder),
            "CONSULT_DEMO": str(self.options.demo).lower(),
            "CONSULT_BASE_URL": os.environ.get("CONSULT_BASE_URL") or self.options.address,
            "CONSULT_SECRET_KEY": read_setting("secret_key") or environment.secret_key(self.options.folder),
            "CONSULT_SEAL_KEY": read_setting("seal_key"),  # other commands must use the same key
        }
        for name in ("secret_key", "seal_key"):  # their values are in `values` now
            os.environ.pop(file_variable(name), None)
        os.environ.update(values)  # for this process and those it starts
        environment.limit_math_threads()
        run.production_settings()
        environment.write_environment(self.options.folder, values)

    def _migrate(self) -> None:
        def update() -> None:
            try:
                migrate(self.servers.urls.database)
            except MigrationRefused as refused:
                raise SystemExit(
                    f"{refused} The folder is {self.options.folder}. Use --data to choose another."
                ) from None
            try:
                require_key(Settings())
            except SettingsError as error:
                raise SystemExit(
                    f"{error} This folder’s key is in {self.options.folder / environment.KEY_FILE}."
                ) from None
            forget_heartbeats(self.servers.urls.database)
            confirm_gap()

        self.progress.say(f"This machine’s time is {now():%Y-%m-%d %H:%M} UTC")
        self._finish("Updating the database", ForkedProcess("update", log=self._log("update"), work=update))

    def _load_sample(self) -> None:
        if self.options.demo:
            load = ForkedProcess("sample", log=self._log("sample"), work=load_sample)
            self.progress.say(f"The site is at {Settings().base_url} and shows the progress of the sample")
            self._finish("Loading the sample, unless it is already there", load)

    def _finish(self, saying: str, step: ForkedProcess) -> None:
        """Run a step in a fork, so that this process opens no connections, and wait for it."""
        self.progress.say(saying)
        step.start()
        while step.alive and not self.ended.wait(_PAUSE):
            pass
        if not step.alive and step.child and step.child.poll() != 0:
            raise EmbeddedError(f"{saying} failed ({step.how_it_ended}). See the log {step.log}.")
        step.stop()

    def _start_pages(self) -> None:
        """Start the web server before the sample is loaded, so that pages can show the progress."""
        web = run.web_arguments(f"{self.options.host}:{self.options.port}", workers=_PAGES, threads=_THREADS)
        self._start_process("the web server", "web", module_runner("gunicorn", web))

    def _start_jobs(self) -> None:
        settings = Settings()
        worker = run.worker_arguments(",".join(QUEUES), settings.worker_concurrency, settings.log_level)
        self._start_process("the scheduler", "clock", run.run_clock)
        self._start_process("the worker", "worker", module_runner("celery", worker))

    def _start_process(self, what: str, name: str, work: Callable[[], object]) -> None:
        self.progress.say(f"Starting {what}")
        self.supervisor.start(ForkedProcess(name, log=self._log(name), work=work))

    def _log(self, name: str) -> Path:
        return self.options.folder / "logs" / f"{name}.log"

    def _wait(self) -> None:
        """Wait until a page is served and, for a limited time, until a job has run."""
        if not self._until(lambda: bool(self._ask()), _ANSWER_SECONDS):
            raise EmbeddedError(f"The web server does not answer. See the log {self._log('web')}.")
        self.progress.say("The web server answers")
        if self._until(lambda: set(self._ask().values()) == {"ok"}, _WHOLE_SECONDS):
            self.progress.say("The worker has done its first job")

    def _until(self, condition: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not self.ended.is_set() and time.monotonic() < end:
            if fallen := self.supervisor.fallen:
                raise EmbeddedError(
                    f"The process “{fallen[0].name}” did not start ({fallen[0].how_it_ended}). See {fallen[0].log}."
                )
            if condition():
                return True
            self.ended.wait(_PAUSE)
        return self.ended.is_set()

    def _ask(self) -> dict[str, str]:
        """Return the checks of the health page by name, or an empty dict if it does not respond."""
        connection = http.client.HTTPConnection(self.options.local_host, self.options.port, timeout=5)
        try:
            connection.request("GET", "/health", headers={"Accept": "application/json", "Host": Settings().host})
            self.checks = json.loads(connection.getresponse().read())["checks"]
        except (OSError, ValueError, KeyError, http.client.HTTPException):
            return {}
        finally:
            connection.close()
        return self.checks

    def _look_after_servers(self) -> None:
        for name in self.servers.revive():
            self.progress.say(f"{name} stopped unexpectedly and was restarted")

    def _facts(self) -> screen.StartFacts:
        settings, people = Settings(), sample_files.read_sample()
        return screen.StartFacts(
            address=settings.base_url,
            folder=self.options.folder,
            mail=f"{settings.base_url}/outbox" if self.options.demo else f"files in {self.options.folder}/outbox",
            parts=self._parts(settings),
            checks=self.checks,
            logins=[(login.role, login.email) for login in people.logins] if self.options.demo else [],
            password=people.password,
        )

    def _parts(self, settings: Settings) -> list[tuple[str, str]]:
        """Return the running parts with their locations."""
        return [
            ("Web", f"{self.options.address} ({_PAGES} processes of {_THREADS} threads)"),
            ("Worker", f"Celery ({settings.worker_concurrency} processes)"),
            ("Scheduler", "one process"),
            *((server.process.name, server.place) for server in self.servers.running),
        ]

    def _forget(self) -> None:
        environment.remove_environment(self.options.folder)

    def _say_goodbye(self) -> None:
        if self.begun:
            self.progress.say(f"Stopped. The data are in {self.options.folder}")
