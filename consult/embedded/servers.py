"""Both embedded servers as one object: start, supervise and stop."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from consult.embedded import binaries, folder
from consult.embedded.postgres import Postgres
from consult.embedded.valkey import Valkey


@dataclass(frozen=True)
class Urls:
    """The URLs of the servers. One Valkey socket has three spellings. A server that was not started has none."""

    database: str
    redis: str

    @property
    def celery(self) -> str:
        return self.redis.replace("unix://", "redis+socket://", 1)

    @property
    def limits(self) -> str:
        return self.redis.replace("unix://", "redis+unix://", 1)


class Servers:
    """PostgreSQL and Valkey, or one of them, with their files in `data_dir`."""

    def __init__(
        self,
        data_dir: Path,
        report: Callable[[str], None],
        *,
        postgres: bool = True,
        valkey: bool = True,
        system: str = binaries.SYSTEM_POSTGRES,
    ) -> None:
        self.data_dir = data_dir
        self.report = report
        self._wanted = (postgres, valkey)
        self._system = system
        self._held = ExitStack()
        self.running: list[Postgres | Valkey] = []
        self.urls = Urls("", "")

    def start(self) -> Urls:
        """Start the servers. On failure, raise EmbeddedError with nothing left running."""
        try:
            return self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> Urls:
        data_dir = folder.ensure_writable(self.data_dir)
        self._held.enter_context(folder.lock_folder(data_dir))
        sockets = folder.socket_folder(data_dir)
        self._held.callback(shutil.rmtree, sockets, ignore_errors=True)
        postgres = Postgres(data_dir, sockets, system=self._system) if self._wanted[0] else None
        valkey = Valkey(data_dir, sockets) if self._wanted[1] else None
        for server in (postgres, valkey):
            if server:
                self.report(f"Starting {server.process.name}")
                self.running.append(server)
                server.start(self.report)
        self.urls = Urls(postgres.url if postgres else "", valkey.url if valkey else "")
        return self.urls

    def revive(self) -> list[str]:
        """Restart servers that have died and return their names."""
        dead = [server for server in self.running if not server.process.alive]
        for server in dead:
            server.start(self.report)
        return [server.process.name for server in dead]

    def stop(self) -> None:
        """Stop Valkey, then PostgreSQL, and release the folder. Safe to repeat."""
        while self.running:
            self.running.pop().stop()
        self._held.close()


@contextmanager
def servers(
    data_dir: Path,
    report: Callable[[str], None],
    *,
    postgres: bool = True,
    valkey: bool = True,
    system: str = binaries.SYSTEM_POSTGRES,
) -> Iterator[Urls]:
    """Run the servers within the block: `with servers(Path("var"), print) as urls: …`."""
    both = Servers(data_dir, report, postgres=postgres, valkey=valkey, system=system)
    try:
        yield both.start()
    finally:
        both.stop()
