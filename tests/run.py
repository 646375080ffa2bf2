"""Shared parts of one test run: the servers, a database to copy, and a folder.

CONSULT_TEST_DATABASE_URL and CONSULT_TEST_REDIS_URL name servers to use; without them the embedded ones are started,
one of each in a run, by the process that hands the tests out.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from consult import ROOT
from consult.cli.database import migrate
from consult.embedded import servers

LAWFUL_START = "INSERT INTO lawful_start (id, at) VALUES (1, now()) ON CONFLICT (id) DO UPDATE SET account_id = NULL"
"""A test's site has said what the law asks for; a test that is about that takes it away."""
_BUILDING = 7_270_002
"""The advisory lock of whoever makes the database to copy."""


@dataclass(frozen=True)
class Run:
    """Addresses of a PostgreSQL to make databases in and of a Redis, and a folder that ends with the run."""

    database: str
    redis: str
    folder: str

    @classmethod
    def of(cls, config: pytest.Config) -> Run:
        """Return what the run's first process started; start it where this is that process."""
        if given := getattr(config, "workerinput", {}).get("run"):
            return cls(**given)
        if _KEPT not in config.stash:
            held = ExitStack()
            config.add_cleanup(held.close)
            config.stash[_KEPT] = held.enter_context(started())
        return config.stash[_KEPT]

    @contextmanager
    def alone(self, name: str) -> Iterator[Path]:
        """Lock a name against the other processes; gives a path of that name, which whoever was first has made."""
        path = Path(self.folder) / name
        with open(f"{path}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield path


_KEPT = pytest.StashKey[Run]()


@contextmanager
def started() -> Iterator[Run]:
    """The servers, while the block lasts."""
    database, redis = os.environ.get("CONSULT_TEST_DATABASE_URL"), os.environ.get("CONSULT_TEST_REDIS_URL")
    with TemporaryDirectory(prefix="consult-tests-") as folder:
        if database and redis:
            yield Run(database, redis, folder)
            return
        with servers(Path(folder) / "servers", print) as urls:
            _set_up_for_tests(urls.database)
            yield Run(database or urls.database, redis or urls.redis, folder)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a process of xdist where the servers are. Of the embedded Redis each has a database of its own."""
    run = asdict(Run.of(node.config))
    if run["redis"].startswith("unix://"):
        run["redis"] += f"?db={int(node.gateway.id.removeprefix('gw')) % 16}"
    node.workerinput["run"] = run


def _set_up_for_tests(server_url: str) -> None:
    """Turn off fsync, because the data end with the run, and autovacuum.

    Autovacuum would analyze tables at some moment of a long run: a test that counts rows would get another plan there.
    """
    with admin(server_url) as connection:
        for setting in ("fsync", "full_page_writes", "autovacuum"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))


@contextmanager
def admin(server_url: str) -> Iterator[Connection]:
    """A connection that makes and drops databases."""
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def migrated(server_url: str) -> str:
    """Return the name of a database to copy, with all tables and no rows; it is made once for these migrations.

    On a server that outlives the run it stays for the next one, in place of that of earlier migrations.
    """
    checkout = f"consult_template_{sha256(str(ROOT).encode()).hexdigest()[:8]}"
    name = f"{checkout}_{_hash_migrations()}"
    with admin(server_url) as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _BUILDING})
        made = connection.scalars(
            text("SELECT datname FROM pg_database WHERE starts_with(datname, :checkout)"), {"checkout": checkout}
        ).all()
        if name not in made:
            for old in made:
                connection.execute(text(f'DROP DATABASE "{old}" WITH (FORCE)'))
            _build(connection, server_url, f"{checkout}_new", name)
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _BUILDING})
    return name


def _build(connection: Connection, server_url: str, draft: str, name: str) -> None:
    connection.execute(text(f'CREATE DATABASE "{draft}"'))
    url = make_url(server_url).set(database=draft).render_as_string(hide_password=False)
    migrate(url)
    with admin(url) as inside:
        inside.execute(text(LAWFUL_START))
    connection.execute(text(f'ALTER DATABASE "{draft}" RENAME TO "{name}"'))


def _hash_migrations() -> str:
    """A hash of the migrations, and of the modules that they import."""
    core = ROOT / "consult" / "core"
    paths = [*(ROOT / "migrations").rglob("*.py"), core / "text.py", *(core / "scripts").iterdir()]
    content = (path.read_bytes() for path in sorted(paths) if path.is_file())
    return sha256(b"\0".join(content)).hexdigest()[:8]
