"""A PgBouncer in transaction mode in front of the tests' database."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import make_url

from consult.embedded import identity
from consult.embedded.launch import NOBODY
from consult.embedded.process import launch_command
from tests.drills.conftest import until

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
SERVERS = 3
"""Connections that PgBouncer itself has: fewer than there are clients, so that each serves many."""


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _identity(sockets: Path) -> str:
    """As whom PgBouncer runs, which refuses root: it must reach the server's socket, if there is one."""
    if os.getuid() != 0:
        return identity.SAME
    if not sockets.is_dir():
        return f"{NOBODY}:{NOBODY}"
    found = sockets.stat()
    return f"{found.st_uid}:{found.st_gid}" if found.st_uid else identity.NAMESPACE


@dataclass
class Pooler:
    """A running PgBouncer: where clients reach it, and how it is restarted there."""

    url: str
    port: int
    argv: list[str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        process = subprocess.Popen(self.argv, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        until(lambda: _listens(self.port) or process.poll() is not None)

    def kill(self) -> None:
        self.processes[-1].kill()
        self.processes[-1].wait()


@contextmanager
def bouncer(database_url: str, *more: str) -> Iterator[Pooler]:
    """A PgBouncer in transaction mode before this database, run by who owns the server's socket."""
    if PGBOUNCER is None:
        pytest.skip("there is no pgbouncer on this machine")
    url = make_url(database_url)
    host = str(url.query.get("host") or url.host)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with TemporaryDirectory() as folder:
        ini = Path(folder) / "pgbouncer.ini"
        words = f"host={host} port={url.port or 5432} dbname={url.database} user={url.username}"
        words += f" password={url.password}" if url.password else ""
        ini.write_text("\n".join([
            "[databases]", f"consult = {words}", "[pgbouncer]", f"listen_port = {port}", "listen_addr = 127.0.0.1",
            "unix_socket_dir =", "auth_type = any", "pool_mode = transaction", f"default_pool_size = {SERVERS}",
            "max_prepared_statements = 0", *more, "",
        ]))  # fmt: skip
        for path in (Path(folder), ini):
            path.chmod(0o755)
        argv = launch_command([PGBOUNCER, "-q", str(ini)], identity=_identity(Path(host)))
        pooler = Pooler(f"postgresql://{url.username}@127.0.0.1:{port}/consult", port, argv)
        pooler.start()
        try:
            yield pooler
        finally:
            pooler.kill()
