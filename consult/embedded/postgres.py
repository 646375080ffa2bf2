"""An embedded PostgreSQL in a folder, on a private socket without a port."""

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
_START_SECONDS = 60.0  # after a power cut it first replays what was written
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "80",
    "shared_buffers": "160MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",  # disks of today
    "jit": "off",  # compiling costs more than our short queries take
    "max_parallel_workers_per_gather": "0",  # two cores, and small /dev/shm in containers
    "max_wal_size": "1GB",
    "wal_compression": "on",
    "autovacuum_max_workers": "2",
    "max_logical_replication_workers": "0",
    "log_min_messages": "warning",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
"""fsync, full_page_writes and synchronous_commit stay on: what was filed is kept."""


class Postgres:
    """`start` makes the cluster where there is none; `stop` leaves it clean; `url` is for SQLAlchemy with psycopg."""

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
        """Ready for connections when it returns; an EmbeddedError where it does not come up."""
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
            raise EmbeddedError(f"PostgreSQL did not start ({words}); its log is {self.process.log}.")
        self._make_database()

    def _make(self) -> None:
        """Under another name first: a folder called `postgres` is always a whole cluster."""
        fresh = self.data.with_name("postgres.new")
        for left in (fresh, self.data):
            shutil.rmtree(left, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        identity.hand_over(fresh, self.identity)
        made = self._initdb(fresh, self._locale())
        if made.returncode != 0:  # a system without that locale: letters then sort and fold by byte
            made = self._initdb(fresh, ["--locale=C"])
        if made.returncode != 0:
            words = (made.stderr.strip() or made.stdout.strip()).splitlines()[-1:]
            raise EmbeddedError(f"The database could not be made in {fresh} ({' '.join(words)}).")
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
            start_new_session=True,  # Ctrl-C is for the parent
        )

    def _clear_the_way(self, report: Callable[[str], None]) -> None:
        """Ends a server left from an earlier run, and makes PostgreSQL see that the pid in its lock file is stale.

        PostgreSQL takes any live process with that number for a server; after a reboot, or in a container, it is
        something else. Our own number is the one it knows to ignore, and it still checks shared memory for survivors.
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
        """By the lock file that PostgreSQL keeps, as pg_ctl does: cheaper than asking for connections."""
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
        """SIGINT: clients are cut off and everything is written; SIGTERM would wait for them."""
        return self.process.stop()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "CONSULT_"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}
