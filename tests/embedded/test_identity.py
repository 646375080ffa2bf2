"""As whom PostgreSQL runs when root starts it, where the kernel allows namespaces and where it does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NO_NAMESPACES = [
    "unshare", "--user", "--map-users=0,0,65536", "--map-groups=0,0,65536",
    "sh", "-c", 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"', "sh",
]  # fmt: skip
SCRIPT = """
import sys
from pathlib import Path
import psycopg
from consult.embedded import Servers
both = Servers(Path(sys.argv[1]), lambda text: None, valkey=False)
with psycopg.connect(both.start().database.replace("+psycopg", "")) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS starts AS SELECT 0 AS many")
    connection.execute("UPDATE starts SET many = many + 1")
    print(both.running[0].identity, connection.execute("SELECT many FROM starts").fetchone()[0])
both.stop()
"""


def started_under(before: list[str], folder: Path) -> str:
    """Starts PostgreSQL on the folder in a process of its own; gives the identity, and how often it has run there."""
    done = subprocess.run(
        [*before, sys.executable, "-c", SCRIPT, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def can_forbid_namespaces() -> bool:
    return (
        os.geteuid() == 0 and subprocess.run([*NO_NAMESPACES, "true"], capture_output=True, check=False).returncode == 0
    )


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can walk to; pytest's own is root's alone."""
    folder = Path("/var/tmp") / f"consult-test-{os.getpid()}"
    folder.mkdir(mode=0o711)
    yield folder / "var"
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="the tests run as root")
def test_an_ordinary_user_runs_it_as_themselves(tmp_path: Path) -> None:
    assert started_under([], tmp_path) == "same 1"


@pytest.mark.skipif(not can_forbid_namespaces(), reason="needs root, and unshare that maps many users")
def test_root_runs_it_as_nobody_where_namespaces_are_forbidden(open_folder: Path) -> None:
    assert started_under(NO_NAMESPACES, open_folder) == "65534:65534 1"
    assert (open_folder / "postgres").stat().st_uid == 65534
    assert started_under([], open_folder) == "65534:65534 2"


@pytest.mark.skipif(not can_forbid_namespaces(), reason="needs root, and unshare that maps many users")
def test_data_that_root_made_are_found_again_where_only_root_can_walk(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert started_under([], tmp_path / "var") == "namespace 1"
    assert (tmp_path / "var" / "postgres").stat().st_uid == 0
    assert started_under(NO_NAMESPACES, tmp_path / "var") == "65534:65534+ 2"
