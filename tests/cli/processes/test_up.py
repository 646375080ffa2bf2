"""`consult up` as a newcomer meets it, and the production commands as an operator does. All are real processes."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click import ClickException
from click.testing import CliRunner

from consult.cli.main import main
from consult.cli.processes.environment import adopt_environment, limit_math_threads, write_environment
from consult.core.settings import Settings
from consult.embedded.folder import lock_folder
from consult.embedded.process import command_of, wait_until
from tests.conftest import KEY

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[3]
CONSULT = [sys.executable, "-m", "consult.cli"]


def environment(**more: str) -> dict[str, str]:
    """Ours without what sets Consult, so that nothing but the command line does."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CONSULT_")} | more


def consult(*argv: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CONSULT, *argv], cwd=ROOT, env=environment(**more), capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def up(port: int, data: Path, command: Sequence[str] = CONSULT) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running `consult up --demo`, and what it said until it was ready."""
    argv = [*command, "up", "--demo", "--port", str(port), "--data", str(data)]
    with subprocess.Popen(argv, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if "Ctrl-C stops Consult" in line:
                break
        try:
            yield process, said
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.stdout.read()


def get(port: int, path: str) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Accept": "application/json"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return json.loads(body) if path == "/health" else answer.status


def processes_of(data: Path) -> list[int]:
    """Whatever has the folder in its command line, or a log there as its output."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            output = os.readlink(folder / "fd" / "1")
        except OSError:
            output = ""
        if str(data) in command_of(int(folder.name)) or output.startswith(str(data)):
            found.append(int(folder.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_everything_starts_from_nothing_ends_cleanly_and_is_found_again(tmp_path: Path, port: int) -> None:
    data = tmp_path / "var"
    with up(port, data) as (process, said):
        assert f"Consult is running at http://127.0.0.1:{port}" in said
        assert "The worker has done its first job" in said
        assert set(get(port, "/health")["checks"].values()) == {"ok"}
        assert get(port, "/") == 200
        audit = consult("audit", CONSULT_DATA_DIR=str(data))
        assert audit.returncode == 0, audit.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 0
    assert processes_of(data) == []
    key = data / "secret-key"
    assert key.stat().st_mode & 0o777 == 0o600
    secret = key.read_text()
    with up(port, data) as (process, again):
        assert "Making the database" in said
        assert "Making the database" not in again, "what is there is taken as it is"
        assert key.read_text() == secret
        process.kill()
        process.wait()
    assert wait_until(lambda: processes_of(data) == [], 120)


NOBODY = 65534
LIKE_NOBODY = [
    "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
    "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search",  # may read root's Python, nothing more
]  # fmt: skip


@pytest.fixture
def nobody() -> list[str]:
    """The command as an ordinary user gives it."""
    command = [*LIKE_NOBODY, *CONSULT]
    if os.geteuid() != 0 or not shutil.which("setpriv") or subprocess.run([*command, "--version"], cwd=ROOT).returncode:
        pytest.skip("needs root, and setpriv that gives the right to read")
    return command


def test_an_ordinary_user_starts_everything_in_a_folder_of_theirs(port: int, nobody: list[str]) -> None:
    with TemporaryDirectory(dir="/var/tmp") as folder:
        os.chown(folder, NOBODY, NOBODY)
        data = Path(folder) / "var"
        with up(port, data, nobody) as (process, said):
            assert "The worker has done its first job" in said
            assert set(get(port, "/health")["checks"].values()) == {"ok"}
            process.send_signal(signal.SIGINT)
            assert process.wait(120) == 0
        assert {path.stat().st_uid for path in data.rglob("*")} == {NOBODY}
        assert processes_of(data) == []


def said_instead(*argv: str, **more: str) -> str:
    """Return what the command writes to standard error when it refuses to start."""
    done = CliRunner().invoke(main, argv, env={name: None for name in os.environ if name.startswith("CONSULT_")} | more)
    assert done.exit_code == 1
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("command", ["audit", "invite a@example.org", "digest show 1"])
def test_a_command_that_finds_no_database_says_so_in_one_line(command: str) -> None:
    closed = "postgresql+psycopg://postgres@127.0.0.1:1/consult"
    said = said_instead(*command.split(), CONSULT_DATABASE_URL=closed, CONSULT_REDIS_URL="redis://127.0.0.1:1/0")
    assert said.startswith("Error: The database does not answer: connection failed")
    assert len(said.splitlines()) == 1


PRODUCTION = {
    "CONSULT_DATABASE_URL": "postgresql://ada:hidden-word@127.0.0.1:1/consult",
    "CONSULT_REDIS_URL": "redis://127.0.0.1:1/0",
    "CONSULT_BROKER_URL": "amqp://ada:hidden-word@127.0.0.1:1//",
    "CONSULT_LIMITS_URL": "redis://127.0.0.1:1/1",
    "CONSULT_SMTP_URL": "smtp://ada:hidden-word@127.0.0.1:1",
    "CONSULT_FILES_URL": "s3://ada:hidden-word@bucket/folder",
}


@pytest.mark.parametrize("name", [*PRODUCTION, "consult_smtp_url"])
def test_a_trial_refuses_to_start_where_a_place_of_production_is_named(name: str, tmp_path: Path, port: int) -> None:
    said = said_instead("up", "--demo", "--port", str(port), "--data", str(tmp_path / "var"),
                        **{name: PRODUCTION[name.upper()]})  # fmt: skip
    assert f"but {name} points elsewhere. Start it without: env -u {name} consult up" in said
    assert "hidden-word" not in said
    assert not (tmp_path / "var").exists()


def test_a_command_that_finds_a_trial_talks_to_nothing_but_the_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_environment(
        tmp_path, {"CONSULT_DATABASE_URL": "postgresql://of/the-trial", "CONSULT_REDIS_URL": "unix:///of/it"}
    )
    for name in os.environ:
        if name.startswith("CONSULT_"):
            monkeypatch.delenv(name)
    for name, value in ({"CONSULT_DATA_DIR": str(tmp_path)} | PRODUCTION).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CONSULT_DATABASE_URL")
    adopt_environment()
    assert {name: os.environ[name] for name in PRODUCTION if name in os.environ} == {
        "CONSULT_DATABASE_URL": "postgresql://of/the-trial", "CONSULT_REDIS_URL": "unix:///of/it"
    }  # fmt: skip


@pytest.mark.parametrize(("given", "taken"), [(None, "1"), ("3", "3")])
def test_each_process_of_a_trial_calculates_with_one_thread_unless_told(
    monkeypatch: pytest.MonkeyPatch, given: str | None, taken: str
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", given or "")
    if given is None:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    limit_math_threads()
    assert os.environ["OPENBLAS_NUM_THREADS"] == taken


def test_a_command_with_another_key_than_the_trial_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_environment(tmp_path, {"CONSULT_DATABASE_URL": "postgresql://of/the-trial", "CONSULT_SEAL_KEY": ""})
    monkeypatch.delenv("CONSULT_DATABASE_URL", raising=False)
    monkeypatch.setenv("CONSULT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CONSULT_SEAL_KEY", "another-key-that-would-be-ignored")
    with pytest.raises(ClickException, match=r"^CONSULT_SEAL_KEY differs from the key of the running Consult in"):
        adopt_environment()


def test_a_file_is_analysed_without_what_that_needs_being_loaded_for_other_commands() -> None:
    assert "campaigns" in CliRunner().invoke(main, ["analyse", "--help"]).stdout
    assert "analyse" in CliRunner().invoke(main, ["--help"]).stdout
    code = "import sys, consult.cli.main; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_cadence_of_a_digest_is_written_as_everywhere_else() -> None:
    done = CliRunner().invoke(main, ["digest", "compile", "--help"])
    assert "[daily|weekly|closing" in done.stdout


def test_a_port_in_use_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert said_instead("up", "--port", str(port), "--data", str(tmp_path / "var")).startswith(
            f"Error: Port {port} is in use"
        )
    assert not (tmp_path / "var").exists()


def test_a_folder_that_cannot_be_written_to_is_told_in_a_sentence(tmp_path: Path, port: int) -> None:
    (tmp_path / "file").write_text("")
    said = said_instead("up", "--port", str(port), "--data", str(tmp_path / "file" / "var"))
    assert "cannot be written to" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("command", ["web", "worker", "clock"])
def test_production_refuses_the_secret_of_development(command: str) -> None:
    assert said_instead(command).startswith("Error: CONSULT_SECRET_KEY is not set")


@pytest.mark.parametrize(
    "command", ["web", "worker", "clock", "invite a@example.org", "digest compile --consultation x"]
)
def test_production_refuses_to_write_links_that_lead_nowhere(command: str, settings: Settings) -> None:
    for address in ({}, {"CONSULT_BASE_URL": ""}):
        said = said_instead(*command.split(), CONSULT_SECRET_KEY=KEY,
                            CONSULT_DATABASE_URL=settings.database_url, **address)  # fmt: skip
        assert said.startswith("Error: CONSULT_BASE_URL is not set. ")
        assert said.count("\n") == 1


PUBLIC = {"CONSULT_BASE_URL": "https://consult.example.org", "CONSULT_DATABASE_URL": PRODUCTION["CONSULT_DATABASE_URL"]}


@pytest.mark.parametrize("command", ["web", "worker", "clock"])
def test_the_demo_is_not_shown_to_the_public(command: str) -> None:
    said = said_instead(command, CONSULT_SECRET_KEY=KEY, CONSULT_DEMO="true", **PUBLIC)
    assert said.startswith("Error: CONSULT_DEMO shows every e-mail to everyone")
    said = said_instead(command, CONSULT_SECRET_KEY="changeme" * 5, **PUBLIC)
    assert said.startswith("Error: CONSULT_SECRET_KEY can be guessed: ")


def test_a_trial_with_the_sample_has_no_public_address(tmp_path: Path, port: int) -> None:
    said = said_instead("up", "--demo", "--port", str(port), "--data", str(tmp_path / "var"),
                        CONSULT_BASE_URL="https://consult.example.org")  # fmt: skip
    assert said.startswith("Error: CONSULT_DEMO shows every e-mail to everyone")
    assert not (tmp_path / "var").exists()


def test_a_setting_that_cannot_be_used_is_named() -> None:
    said = said_instead("clock", CONSULT_DATABASE_POOL="many")
    assert said.startswith("Error: CONSULT_DATABASE_POOL cannot be used")


def test_a_second_start_on_the_same_data_says_why_and_nothing_else(port: int, tmp_path: Path) -> None:
    with lock_folder(tmp_path):
        ran = consult("up", "--demo", "--port", str(port), "--data", str(tmp_path))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith(f"Error: Consult already runs on {tmp_path}")
