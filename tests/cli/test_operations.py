"""Each mistyped command is answered by one sentence that says what to enter; a password is never repeated."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from consult.cli import main
from consult.cli.database import migrate
from consult.cli.processes import run as processes_run
from consult.cli.schema_check import require_ready, warn
from consult.core.database.schema_check import is_schema_behind
from consult.core.settings import Settings
from tests import factories
from tests.conftest import KEY
from tests.processes import run_python


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_address_of_the_database_may_be_spelled_as_it_is_everywhere(scheme: str) -> None:
    url = f"{scheme}://ada:pass@db:5432/consult?sslmode=require"
    assert Settings(database_url=url).database_url == "postgresql+psycopg://ada:pass@db:5432/consult?sslmode=require"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "mysql://ada:hidden-word@db/consult", "Use the form postgresql://user:password@host/name."),
        ("REDIS_URL", "hidden-word:6379", "Use the form redis://host:6379/0."),
        ("SMTP_URL", "hidden-word", "Use the form smtp://user:password@host:587 or smtps://user:password@host."),
        (
            "DATABASE_URL",
            "postgresql://ada@db:hidden-word/consult",
            "Use the form postgresql://user:password@host/name.",
        ),
        ("REDIS_URL", "redis://db:hidden-word/0", "Use the form redis://host:6379/0."),
        (
            "SMTP_URL",
            "smtp://post:hidden-word",
            "Use the form smtp://user:password@host:587 or smtps://user:password@host.",
        ),
        ("SMTP_URL", "smtp://post:99999", "Use the form smtp://user:password@host:587 or smtps://user:password@host."),
        ("SMTP_URL", "smtp://", "Use the form smtp://user:password@host:587 or smtps://user:password@host."),
        ("LIMITS_URL", "hidden-word", "Use the form redis://host:6379/0."),
        ("BROKER_URL", "rabbit://hidden-word", "Use the form amqp://user:password@host// or redis://host/0."),
        ("BROKER_URL", "amqp://one;hidden-word", "Use the form amqp://user:password@host// or redis://host/0."),
        ("SEAL_KEY", "hidden-word", "Use at least 32 random characters."),
        ("FILES_URL", "ftp://hidden-word/files", "Use the form file:///folder or s3://key:secret@bucket/folder."),
        ("PROXIES", "hidden-word", "Use a whole number."),
        ("WORKER_CONCURRENCY", "0", "Use 1 or more."),
        ("DEMO", "hidden-word", "Use true or false."),
        ("SMTP_TIMEOUT", "hidden-word", "Use a number."),
        ("LOG_LEVEL", "hidden-word", "Use DEBUG, INFO, WARNING, ERROR or CRITICAL."),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_it_should_look_like(
    run: CliRunner, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"CONSULT_{name}", value)
    for command in (["audit"], ["migrate"], ["web"], ["worker"], ["invite", "ada@example.org"]):
        answer = run.invoke(main, command)
        assert (answer.exit_code, answer.output) == (1, f"Error: CONSULT_{name} cannot be used. {said}\n")
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
    assert "the folder does not exist" in run.invoke(main, ["web", "--bind", "unix:/no/such/folder"]).output


@pytest.mark.parametrize(
    "command", ["up --port", "web --workers", "web --threads", "worker --concurrency", "digest show"]
)
def test_what_is_no_number_is_not_called_a_range(run: CliRunner, command: str) -> None:
    assert "'x' is not a valid whole number." in run.invoke(main, [*command.split(), "x"]).output
    assert "0 is not in the range" in run.invoke(main, [*command.split(), "0"]).output


def test_a_worker_is_not_started_for_a_queue_that_nothing_is_put_on(run: CliRunner) -> None:
    answer = run.invoke(main, ["worker", "--queues", "mail,letters"])
    assert answer.exit_code == 2
    assert "unknown queue 'letters'. Choose from default, mail, files, digests, analysis." in answer.output


def test_a_migration_that_is_not_there_is_refused(run: CliRunner) -> None:
    assert run.invoke(main, ["migrate", "9999"]).output == "Error: Migration 9999 does not exist.\n"


def test_a_database_of_before_the_first_release_is_left_alone(
    run: CliRunner, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSULT_DATABASE_URL", empty_database)
    migrate(empty_database)
    put_at(empty_database, "0048")
    answer = run.invoke(main, ["migrate"])
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: The database is at 0048, from before the first release")


def put_at(url: str, revision: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :n"), {"n": revision})
    engine.dispose()


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
    assert run.invoke(main, ["migrate", "base", "--yes"]).output == "The database is empty.\n"


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


CELERY = ["-m", "celery", "-A", "worker.celery", "worker", "--concurrency", "1"]


@pytest.mark.parametrize("reached", ["nothing", "an older release"])
def test_a_command_on_a_database_that_is_not_migrated_says_what_to_run(
    run: CliRunner, empty_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reached: str
) -> None:
    if reached != "nothing":
        migrate(empty_database)
        put_at(empty_database, "0048")
    monkeypatch.setenv("CONSULT_DATABASE_URL", empty_database)
    (tmp_path / "file").write_text("id,text\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for command in COMMANDS:
        answer = run.invoke(main, command.format(file=tmp_path / "file", port=port).split())
        said = "Error: The database is empty or from an older release. Run `consult migrate`.\n"
        assert (answer.exit_code, answer.output) == (1, said), command


def test_a_worker_that_celery_itself_starts_says_the_same(run: CliRunner, empty_database: str) -> None:
    done = run_python(CELERY, {"CONSULT_DATABASE_URL": empty_database})
    said = "Error: The database is empty or from an older release. Run `consult migrate`.\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


def test_a_database_of_a_later_release_serves_the_earlier_one(empty_database: str) -> None:
    migrate(empty_database)
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        assert not is_schema_behind(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '99991231'"))
        assert not is_schema_behind(connection)
        connection.execute(text("UPDATE alembic_version SET version_num = '20261127'"))
        assert is_schema_behind(connection)
    engine.dispose()


def test_an_audit_of_nothing_says_so(run: CliRunner) -> None:
    assert run.invoke(main, ["audit"]).output == "No consultations yet.\n"


WRONG = (
    "Error: CONSULT_SEAL_KEY is not set, and CONSULT_SECRET_KEY is not the key that encrypts the records of this "
    "database. Use the original key, which is kept with the backups. Nothing was read or written.\n"
)


@pytest.fixture
def restored(empty_database: str, run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database that was brought up to date under a key, found by who has another: the seal key was forgotten."""
    monkeypatch.setenv("CONSULT_DATABASE_URL", empty_database)
    monkeypatch.setenv("CONSULT_SEAL_KEY", "the-key-that-lies-with-the-backups")
    assert run.invoke(main, ["migrate"]).output == "The database is up to date.\n"
    monkeypatch.delenv("CONSULT_SEAL_KEY")
    return empty_database


def test_no_command_and_no_process_starts_with_another_key_than_the_database_has(
    run: CliRunner, restored: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("id,text\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for command in [*COMMANDS, "role ada@example.org admin"]:
        answer = run.invoke(main, command.format(file=tmp_path / "file", port=port).split())
        assert (answer.exit_code, answer.output) == (1, WRONG), command
    answer = run.invoke(main, ["migrate"])
    assert (answer.exit_code, answer.output) == (1, f"The database is up to date.\n{WRONG}")


def test_a_worker_that_celery_itself_starts_refuses_the_key_too(run: CliRunner, restored: str) -> None:
    done = run_python(CELERY)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", WRONG)


def test_the_key_that_is_right_starts_and_a_new_secret_beside_it_too(
    run: CliRunner, restored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSULT_SEAL_KEY", "the-key-that-lies-with-the-backups")
    for secret in (KEY, "another-secret-that-is-long-enough-to-be-one"):
        monkeypatch.setenv("CONSULT_SECRET_KEY", secret)
        assert run.invoke(main, ["audit"]).output == "No consultations yet.\n"


def test_a_migration_without_a_key_leaves_it_to_the_first_start(
    run: CliRunner, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSULT_DATABASE_URL", empty_database)
    monkeypatch.delenv("CONSULT_SECRET_KEY")
    assert run.invoke(main, ["migrate"]).exit_code == 0
    monkeypatch.setenv("CONSULT_SECRET_KEY", "the-first-that-starts-is-the-key-then")
    assert run.invoke(main, ["audit"]).exit_code == 0
    monkeypatch.setenv("CONSULT_SECRET_KEY", KEY)
    assert run.invoke(main, ["audit"]).output == WRONG


def test_an_address_that_does_not_open_ends_no_command_in_a_traceback(run: CliRunner, session: Session) -> None:
    damaged = b"sealed by somebody else, long ago"
    factories.account(session, email="ada@example.org", email_sealed=damaged)
    session.execute(text("DELETE FROM seal_check"))  # a connection that was opened meanwhile may have kept one
    session.commit()
    answer = run.invoke(main, ["role", "ada@example.org", "moderator"])
    assert (answer.exit_code, answer.output) == (1, WRONG)  # no record opens, and no check value says that one should
    factories.account(session, email="grace@example.org", id=0)
    session.commit()
    answer = run.invoke(main, ["role", "ada@example.org", "moderator"])
    assert (answer.exit_code, answer.output) == (0, "Role changed from contributor to moderator.\n")


@pytest.mark.parametrize("command", ["web", "worker", "clock"])
def test_the_reason_why_a_database_takes_nobody_is_told_once_at_the_start(
    run: CliRunner, settings: Settings, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    warn.cache_clear()
    url = make_url(settings.database_url).set(username="nobody-of-this-name", password="hidden-word")
    monkeypatch.setenv("CONSULT_DATABASE_URL", url.render_as_string(hide_password=False))
    monkeypatch.setattr(processes_run, "module_runner", lambda *_given: lambda: None)
    monkeypatch.setattr(processes_run, "run_clock", lambda: None)
    monkeypatch.setattr(processes_run, "warn_about_services", lambda *_given, **_more: None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        bind = ["--bind", f"127.0.0.1:{free.getsockname()[1]}"] if command == "web" else []
    answer = run.invoke(main, [command, *bind])
    said = 'Warning: The database does not answer yet: role "nobody-of-this-name" does not exist\n'
    assert (answer.exit_code, answer.output) == (0, said)


def test_more_processes_than_the_database_has_connections_for_are_told(
    run: CliRunner, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    warn.cache_clear()
    require_ready(settings, opens=16)
    assert capsys.readouterr().err == ""
    require_ready(settings, opens=100_000)
    assert "may open 100000 connections, but the database allows" in capsys.readouterr().err
