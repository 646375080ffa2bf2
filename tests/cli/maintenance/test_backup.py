"""A backup is restored into an empty database, and the audit says the same of both."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import NullPool, create_engine, func, select, text
from sqlalchemy.orm import Session

from consult.cli import main
from consult.cli.maintenance.backup import delete_old_backups
from consult.cli.maintenance.manifest import NAME
from consult.core.settings import Settings
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.site import service as site
from consult.site.model import Heartbeat
from tests.audit.forging import Scene, forge

PATHS = {"12/original": b"sealed \x00 bytes", "12/pages/1": b"x" * 100_000}


@pytest.fixture
def saved(run: CliRunner, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The backup of a site with submissions and files."""
    monkeypatch.setenv("CONSULT_FILES_URL", f"file://{tmp_path}/store")
    Scene(session)
    for path, content in PATHS.items():
        (tmp_path / "store" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "store" / path).write_bytes(content)
    answer = run.invoke(main, ["backup", str(tmp_path / "backups")])
    assert answer.exit_code == 0, answer.output
    (folder,) = (tmp_path / "backups").iterdir()
    return folder


def audit(run: CliRunner) -> dict[str, object]:
    return dict(json.loads(run.invoke(main, ["audit", "--json"]).stdout))


def test_a_restored_backup_has_the_same_audit_and_the_same_files(
    run: CliRunner, saved: Path, empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = audit(run)
    monkeypatch.setenv("CONSULT_DATABASE_URL", empty_database)
    monkeypatch.setenv("CONSULT_FILES_URL", f"file://{tmp_path}/restored")
    answer = run.invoke(main, ["restore", str(saved)])
    assert answer.exit_code == 0, answer.output
    assert "All data match the public record." in answer.output
    assert (before["agrees"], audit(run)) == (True, before)
    restored = tmp_path / "restored"
    assert {str(path.relative_to(restored)): path.read_bytes() for path in restored.rglob("*") if path.is_file()} == (
        PATHS
    )
    again = run.invoke(main, ["restore", str(saved)])
    assert (again.exit_code, "Restore into an empty one" in again.output) == (1, True)


def test_a_backup_contains_no_key_and_is_readable_by_its_owner_only(saved: Path, settings: Settings) -> None:
    assert saved.stat().st_mode & 0o077 == 0
    key = settings.secret_key.reveal().encode()
    assert not any(key in path.read_bytes() for path in saved.rglob("*") if path.is_file())


def test_entries_filed_after_the_backup_are_not_in_its_head(saved: Path, session: Session, run: CliRunner) -> None:
    manifest = json.loads((saved / NAME).read_text())
    ledger.record(session, Kind.CONSULTATION_CHANGED, subject_id=1)
    session.commit()
    ledger.number_entries(session)
    session.commit()
    assert ledger.head(session) - 1 == manifest["entries"] + 1
    answer = run.invoke(main, ["audit", "--head", f"{manifest['entries']}:{manifest['head']}"])
    assert "This is not the same public record" not in answer.output


def spoil_dump(folder: Path) -> None:
    with (folder / "database.dump").open("ab") as file:
        file.write(b"!")


def remove_file(folder: Path) -> None:
    (folder / "files" / "12" / "original").unlink()


def lead_out(folder: Path) -> None:
    text = (folder / NAME).read_text().replace("files/12/original", "files/../../outside")
    (folder / NAME).write_text(text)


def remove_manifest(folder: Path) -> None:
    (folder / NAME).unlink()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (spoil_dump, "database.dump differs from the manifest."),
        (remove_file, "files/12/original is missing."),
        (lead_out, "files/../../outside leads out of the backup."),
        (remove_manifest, "is not a complete backup"),
    ],
)
def test_a_damaged_backup_is_refused_before_anything_is_written(
    run: CliRunner, saved: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch, spoil: object, sentence: str
) -> None:
    assert callable(spoil)
    spoil(saved)
    monkeypatch.setenv("CONSULT_DATABASE_URL", empty_database)
    answer = run.invoke(main, ["restore", str(saved)])
    assert (answer.exit_code, sentence in answer.output) == (1, True), answer.output
    assert count_tables(empty_database) == 0


def test_a_backup_of_another_key_or_older_than_a_known_head_is_refused(
    run: CliRunner, saved: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSULT_DATABASE_URL", empty_database)
    newer = run.invoke(main, ["restore", str(saved), "--head", f"999:{'0' * 64}"])
    assert (newer.exit_code, "fewer than the 999 you noted" in newer.output) == (1, True)
    monkeypatch.setenv("CONSULT_SEAL_KEY", "another-key-that-is-long-enough-for-the-test")
    other = run.invoke(main, ["restore", str(saved)])
    assert (other.exit_code, "was encrypted with another key" in other.output) == (1, True)
    assert count_tables(empty_database) == 0


def test_a_check_restores_into_a_temporary_database_and_drops_it(run: CliRunner, saved: Path) -> None:
    answer = run.invoke(main, ["backup", "--check", str(saved)])
    assert (answer.exit_code, "The backup can be restored." in answer.output) == (0, True), answer.output
    names = text("SELECT count(*) FROM pg_database WHERE datname LIKE 'consult_check_%'")
    engine = create_engine(Settings().database_url, poolclass=NullPool)
    with engine.connect() as connection:
        assert connection.scalar(names) == 0


def test_a_check_finds_data_that_do_not_match_the_record(run: CliRunner, session: Session, tmp_path: Path) -> None:
    scene = Scene(session)
    forge(session, "UPDATE comment SET body = 'Forged.' WHERE submission_id = :id", id=scene.plain.id)
    assert run.invoke(main, ["backup", "--no-files", str(tmp_path / "backups")]).exit_code == 0
    (folder,) = (tmp_path / "backups").iterdir()
    answer = run.invoke(main, ["backup", "--check", str(folder)])
    assert (answer.exit_code, "do not match the public record" in answer.output) == (1, True)


@pytest.mark.usefixtures("saved")
def test_the_time_of_a_complete_backup_is_recorded(session: Session) -> None:
    session.rollback()
    at = session.scalar(select(Heartbeat.at).where(Heartbeat.name == site.BACKUP))
    assert at is not None
    assert session.scalar(select(func.now() - at)).total_seconds() < 600


def test_old_backups_and_interrupted_ones_are_deleted_and_nothing_else(tmp_path: Path) -> None:
    names = [f"consult-2026120{day}T020000Z" for day in range(1, 6)]
    for name in [*names, "consult-20261206T020000Z.unfinished", "something-else"]:
        (tmp_path / name).mkdir()
    delete_old_backups(tmp_path, keep=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == [*names[-2:], "something-else"]


def count_tables(url: str) -> int:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) or 0


def test_a_failing_program_is_named_with_its_last_line(
    run: CliRunner, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Scene(session)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "pg_dump").write_text("#!/bin/sh\necho 'server version mismatch' >&2\nexit 1\n")
    (tools / "pg_dump").chmod(0o755)
    monkeypatch.setenv("CONSULT_PG_BIN", str(tools))
    answer = run.invoke(main, ["backup", str(tmp_path / "backups")])
    assert answer.exit_code == 1
    assert re.search("pg_dump failed with exit status 1: server version mismatch", answer.output)
    assert not any(path.name.endswith("Z") for path in (tmp_path / "backups").iterdir())
