"""An embedded PostgreSQL server in a folder, on a private socket without a port."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg

from consult.embedded import binaries, identity
from consult.embedded.errors import EmbeddedError
from consult.embedded.process import SupervisedProcess, launch_command, stop_orphan, wait_until

DATABASE_NAME = "consult"
_START_SECONDS = 60.0  # after a power failure it first replays its log
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "160",
    "shared_buffers": "160MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",  # suitable for SSDs
    "jit": "off",  # compilation takes longer than our short queries
    "max_parallel_workers_per_gather": "0",  # for two cores and a small /dev/shm in containers
    "max_wal_size": "1GB",
    "wal_compression": "on",
    "autovacuum_max_workers": "2",
    "max_logical_replication_workers": "0",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
"""fsync, full_page_writes and synchronous_commit stay on, so that submissions are not lost."""


class Postgres:
    """A PostgreSQL server. `start` creates a missing cluster; `stop` shuts it down cleanly; `url` is for SQLAlchemy."""

    def __init__(self, data_dir: Path, sockets: Path, *, system: str = binaries.SYSTEM_POSTGRES) -> None:
        self.data = data_dir / "postgres"
        self.sockets = sockets
        self.programs = binaries.find_postgres(self._version(), system=system)
        self.identity = identity.choose_identity(self.data, self.programs / "postgres")
        self.process = SupervisedProcess(
            "PostgreSQL",
            self._argv(),
            data_dir / "logs" / "postgres.log",
            identity=self.identity,
            stop_signal=signal.SIGINT,
            patience=30,
            env=_environment(),
        )

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://{DATABASE_NAME}@/{DATABASE_NAME}?host={self.sockets}"

    @property
    def place(self) -> str:
        return f"version {binaries.major_version(self.programs)}, socket {self.sockets}"

    def _version(self) -> int | None:
        try:
            return int((self.data / "PG_VERSION").read_text())
        except (OSError, ValueError):
            return None

    def _argv(self) -> list[str]:
        options = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        return [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.sockets), *options]

    def start(self, report: Callable[[str], None]) -> None:
        """Start the server and wait until it accepts connections. Raises EmbeddedError."""
        if self._version() is None:
            report("Making the database")
            self._make()
        identity.hand_over(self.data, self.identity)
        identity.hand_over(self.sockets, self.identity)
        self._clear_the_way(report)
        self.process.start()
        if not wait_until(lambda: self._ready() or not self.process.alive, _START_SECONDS) or not self.process.alive:
            words = self.process.last_words()
            self.process.stop()
            raise EmbeddedError(f"PostgreSQL did not start ({words}). See its log {self.process.log}.")
        self._make_database()

    def _make(self) -> None:
        """Create the cluster under a temporary name, so that a folder called `postgres` is always complete."""
        fresh = self.data.with_name("postgres.new")
        for left in (fresh, self.data):
            shutil.rmtree(left, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        identity.hand_over(fresh, self.identity)
        made = self._initdb(fresh, self._locale())
        if made.returncode != 0:  # without that locale, sort and fold by byte
            made = self._initdb(fresh, ["--locale=C"])
        if made.returncode != 0:
            words = (made.stderr.strip() or made.stdout.strip()).splitlines()[-1:]
            raise EmbeddedError(f"Cannot create the database in {fresh} ({' '.join(words)}).")
        fresh.rename(self.data)

    def _locale(self) -> list[str]:
        if binaries.major_version(self.programs) >= 17:
            return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return ["--locale=C.UTF-8"]

    def _initdb(self, folder: Path, locale: list[str]) -> subprocess.CompletedProcess[str]:
        argv = [
            str(self.programs / "initdb"),
            "-D",
            str(folder),
            "-U",
            DATABASE_NAME,
            "--auth=trust",
            "--encoding=UTF8",
            *locale,
        ]
        return subprocess.run(  # noqa: S603 - our own command
            launch_command(argv, identity=self.identity),
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
            start_new_session=True,  # Ctrl-C is handled by the parent
        )

    def _clear_the_way(self, report: Callable[[str], None]) -> None:
        """Stop a server of an earlier run, and let PostgreSQL recognise a stale PID in its lock file.

        PostgreSQL takes any live process with that PID for a server, but after a reboot, or in a container, it is
        another program. PostgreSQL ignores our own PID, and still checks shared memory for survivors.
        """
        lock = self.data / "postmaster.pid"
        try:
            pid, *rest = lock.read_text().splitlines()
        except (OSError, ValueError):
            return
        if pid.isdigit() and stop_orphan(int(pid), str(self.data), signal.SIGINT):
            report("Stopped a PostgreSQL that an earlier run left behind")
        if lock.exists():
            lock.write_text("\n".join([str(os.getpid()), *rest, ""]))

    def _ready(self) -> bool:
        """Return True if PostgreSQL's lock file says that it is ready, as pg_ctl checks. Cheaper than connecting."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"

    def _make_database(self) -> None:
        with psycopg.connect(
            f"host={self.sockets} user={DATABASE_NAME} dbname=postgres", autocommit=True
        ) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE_NAME}")

    def stop(self) -> bool:
        """Stop with SIGINT, which disconnects clients and writes everything. SIGTERM would wait for clients."""
        return self.process.stop()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "CONSULT_"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}
