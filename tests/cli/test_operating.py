"""What an operator mistypes is answered by one sentence that says what to give; a password is never repeated."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from consult import ROOT
from consult.cli import main
from consult.cli.database import migrate
from consult.core.migrated import behind
from consult.core.settings import Settings

LONG = "0123456789" * 4


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    values = {"DATABASE_URL": settings.database_url, "BROKER_URL": "memory://", "LIMITS_URL": "memory://",
              "DATA_DIR": str(tmp_path), "LOG_LEVEL": "ERROR", "SECRET_KEY": LONG,
              "BASE_URL": "http://localhost"}  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(f"CONSULT_{name}", value)
    return CliRunner()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_address_of_the_database_may_be_spelled_as_it_is_everywhere(scheme: str) -> None:
    url = f"{scheme}://ada:pass@db:5432/consult?sslmode=require"
    assert Settings(database_url=url).database_url == "postgresql+psycopg://ada:pass@db:5432/consult?sslmode=require"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "mysql://ada:hidden-word@db/consult", "Give it as postgresql://user:password@host/name."),
        ("REDIS_URL", "hidden-word:6379", "Give it as redis://host:6379/0."),
        ("SMTP_URL", "hidden-word", "Give it as smtp://user:password@host:587 or smtps://user:password@host."),
        ("DATABASE_URL", "postgresql://ada@db:hidden-word/consult", "Give it as postgresql://user:password@host/name."),
        ("REDIS_URL", "redis://db:hidden-word/0", "Give it as redis://host:6379/0."),
        (
            "SMTP_URL",
            "smtp://post:hidden-word",
            "Give it as smtp://user:password@host:587 or smtps://user:password@host.",
        ),
        ("SMTP_URL", "smtp://post:99999", "Give it as smtp://user:password@host:587 or smtps://user:password@host."),
        ("SMTP_URL", "smtp://", "Give it as smtp://user:password@host:587 or smtps://user:password@host."),
        ("LIMITS_URL", "hidden-word", "Give it as redis://host:6379/0."),
        ("BROKER_URL", "rabbit://hidden-word", "Give it as amqp://user:password@host// or redis://host/0."),
        ("BROKER_URL", "amqp://one;hidden-word", "Give it as amqp://user:password@host// or redis://host/0."),
        ("SEAL_KEY", "hidden-word", "Give at least 32 random characters."),
        ("FILES_URL", "ftp://hidden-word/files", "Give it as file:///folder or s3://key:secret@bucket/folder."),
        ("PROXIES", "hidden-word", "Give a whole number."),
        ("WORKER_CONCURRENCY", "0", "Give 1 or more."),
        ("DEMO", "hidden-word", "Give true or false."),
        ("SMTP_TIMEOUT", "hidden-word", "Give a number."),
        ("LOG_LEVEL", "hidden-word", "Give DEBUG, INFO, WARNING, ERROR or CRITICAL."),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_it_should_look_like(
    run: CliRunner, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"CONSULT_{name}", value)
    for command in (["audit"], ["migrate"], ["web"], ["worker"], ["invite", "ada@example.org"]):
        answer = run.invoke(main, command)
        assert (answer.exit_code, answer.output) == (1, f"Error: CONSULT_{name} cannot be used: {said}\n")
        assert "hidden-word" not in answer.output


@pytest.mark.parametrize(
    "url", ["", "redis://db/1", "amqp://ada:pass@one//;amqp://two:5671//", "memory://", "unix:///run/r.sock"]
)
def test_a_broker_may_be_any_that_is_installed(url: str) -> None:
    said = Settings(broker_url=url, redis_url="redis://db/1").celery_broker
    assert said == {"": "redis://db/1", "unix:///run/r.sock": "redis+socket:///run/r.sock"}.get(url, url)


@pytest.mark.parametrize(
    "url", ["", "redis://db/1", "rediss://db", "redis+unix:///run/r.sock", "memory://", "unix:///run/r.sock"]
)
def test_limits_are_counted_anywhere_that_can_be_counted_in(url: str) -> None:
    said = Settings(limits_url=url, redis_url="redis://db/1").limits_storage
    assert said == {"": "redis://db/1", "unix:///run/r.sock": "redis+unix:///run/r.sock"}.get(url, url)


def test_a_place_where_the_pages_cannot_be_served_is_told_before_anything_starts(run: CliRunner) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} is in use" in run.invoke(main, ["web", "--bind", f"127.0.0.1:{port}"]).output
    for place in ("nonsense", "127.0.0.1:99999", "127.0.0.1:"):
        assert "such as 127.0.0.1:8000" in run.invoke(main, ["web", "--bind", place]).output
    assert "no such folder" in run.invoke(main, ["web", "--bind", "unix:/no/such/folder"]).output


@pytest.mark.parametrize(
    "command", ["up --port", "web --workers", "web --threads", "worker --concurrency", "digest show"]
)
def test_what_is_no_number_is_not_called_a_range(run: CliRunner, command: str) -> None:
    assert "'x' is not a valid whole number." in run.invoke(main, [*command.split(), "x"]).output
    assert "0 is not in the range" in run.invoke(main, [*command.split(), "0"]).output


def test_a_worker_is_not_started_for_a_queue_that_nothing_is_put_on(run: CliRunner) -> None:
    answer = run.invoke(main, ["worker", "--queues", "mail,letters"])
    assert answer.exit_code == 2
    assert "there is no queue 'letters': choose from default, mail, files, digests, analysis." in answer.output


def test_a_migration_that_is_not_there_or_lies_behind_is_refused(run: CliRunner, settings: Settings) -> None:
    assert run.invoke(main, ["migrate", "9999"]).output == "Error: There is no migration 9999.\n"
    reached = migrate(settings.database_url)
    answer = run.invoke(main, ["migrate", "0001"])
    assert answer.exit_code == 1
    assert f"The database stays at {reached}: it cannot go back to 0001." in answer.output


def test_everything_is_deleted_only_when_somebody_says_yes(
    run: CliRunner, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSULT_DATABASE_URL", empty_database)
    head = migrate(empty_database)
    asked = run.invoke(main, ["migrate", "base"], input="n\n")
    assert "This deletes everything in postgresql+psycopg://" in asked.output
    assert asked.exit_code == 1
    assert run.invoke(main, ["migrate", "base"]).exit_code == 1  # nobody there to answer
    assert run.invoke(main, ["migrate", str(head)]).output == f"The database is at {head}.\n"
    assert run.invoke(main, ["migrate", "base", "--yes"]).output == "The database is at nothing.\n"


def test_nobody_is_invited_under_a_key_that_the_pages_will_not_have(
    run: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CONSULT_SECRET_KEY")
    answer = run.invoke(main, ["invite", "ada@example.org", "--role", "admin"])
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: CONSULT_SECRET_KEY is not set")


COMMANDS = [
    "audit", "invite ada@example.org", "digest show 1", "digest compile --consultation plan", "taxonomy export",
    "import comments {file} --consultation plan --id-column id --text-column text", "mail bounce {file}",
    "web --bind 127.0.0.1:{port}", "worker", "worker --clock", "clock",
]  # fmt: skip


@pytest.mark.parametrize("reached", ["nothing", "an older release"])
def test_a_command_on_a_database_that_is_not_migrated_says_what_to_run(
    run: CliRunner, empty_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reached: str
) -> None:
    if reached != "nothing":
        migrate(empty_database, "0001")
    monkeypatch.setenv("CONSULT_DATABASE_URL", empty_database)
    (tmp_path / "file").write_text("id,text\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for command in COMMANDS:
        answer = run.invoke(main, command.format(file=tmp_path / "file", port=port).split())
        said = "Error: The database is empty or of an older release: run `consult migrate`.\n"
        assert (answer.exit_code, answer.output) == (1, said), command


def test_a_worker_that_celery_itself_starts_says_the_same(run: CliRunner, empty_database: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "worker.celery", "worker", "--concurrency", "1"], cwd=ROOT, check=False,
        env={**os.environ, "CONSULT_DATABASE_URL": empty_database}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    said = "Error: The database is empty or of an older release: run `consult migrate`.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


def test_a_database_of_a_later_release_serves_the_earlier_one(empty_database: str) -> None:
    head = migrate(empty_database)
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        assert not behind(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        assert not behind(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = :n"), {"n": f"{int(str(head)) - 1:04}"})
        assert behind(connection)
    engine.dispose()


def test_an_audit_of_nothing_says_so(run: CliRunner) -> None:
    assert run.invoke(main, ["audit"]).output == "There is no consultation yet.\n"
