"""A secret setting may be a file or a credential of systemd, and only one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from consult.cli.processes import environment
from consult.core import secret_files
from consult.core.settings import Secret, Settings, SettingsError, variable_names

KEY = "a-key-in-a-file-that-is-long-enough-to-be-used"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the secret key."""
    path = tmp_path / "secret_key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    monkeypatch.delenv("CONSULT_SECRET_KEY", raising=False)
    monkeypatch.setenv("CONSULT_SECRET_KEY_FILE", str(path))
    return path


@pytest.fixture
def credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The seal key as systemd passes it on."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "consult_seal_key").write_text(KEY)
    monkeypatch.delenv("CONSULT_SEAL_KEY", raising=False)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


def refusal() -> str:
    with pytest.raises(SettingsError) as raised:
        Settings()
    return str(raised.value)


@pytest.mark.usefixtures("file", "credential")
def test_a_secret_is_read_from_its_file_without_the_line_end() -> None:
    settings = Settings()
    assert (settings.secret_key.reveal(), settings.seal_key.reveal()) == (KEY, KEY)


@pytest.mark.usefixtures("file")
def test_an_argument_replaces_the_file() -> None:
    assert Settings(secret_key=Secret("other")).secret_key.reveal() == "other"


@pytest.mark.usefixtures("file")
def test_a_value_and_a_file_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSULT_SECRET_KEY", KEY)
    expected = "It is given by CONSULT_SECRET_KEY and by CONSULT_SECRET_KEY_FILE. Use one of them."
    assert refusal() == f"CONSULT_SECRET_KEY cannot be used. {expected}"


def test_a_value_and_a_credential_at_once_are_refused(credential: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSULT_SEAL_KEY", KEY)
    assert "the credential consult_seal_key" in refusal()
    assert credential.exists()


@pytest.mark.parametrize(
    ("content", "words"), [(None, "cannot be read (FileNotFoundError)"), (b" \n", "is empty"), (b"\xff", "cannot be")]
)
def test_a_file_that_cannot_be_used_is_refused(file: Path, content: bytes | None, words: str) -> None:
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert words in refusal()


def test_the_content_of_a_file_is_checked_like_a_value(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("not-a-url hidden-word")
    monkeypatch.delenv("CONSULT_SECRET_KEY_FILE")
    monkeypatch.setenv("CONSULT_SMTP_URL_FILE", str(file))
    assert refusal().startswith("CONSULT_SMTP_URL cannot be used. Use the form smtp://")
    assert "hidden-word" not in refusal()


def test_a_misspelt_file_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSULT_SECRET_KEY_FIEL", "/x")
    assert "Did you mean CONSULT_SECRET_KEY_FILE?" in refusal()
    monkeypatch.delenv("CONSULT_SECRET_KEY_FIEL")
    monkeypatch.setenv("CONSULT_BASE_URL_FILE", "/x")  # not secret
    assert "There is no setting CONSULT_BASE_URL_FILE" in refusal()


@pytest.mark.usefixtures("credential")
def test_files_that_others_can_read_are_listed(file: Path) -> None:
    assert secret_files.list_exposed_files() == []
    file.chmod(0o640)
    assert secret_files.list_exposed_files() == [file]


def test_every_setting_that_hides_its_value_can_be_a_file() -> None:
    hidden = {name for name, value in vars(Settings()).items() if isinstance(value, Secret)}
    assert hidden <= set(secret_files.FILE_SETTINGS)
    assert {f"CONSULT_{name.upper()}" for name in secret_files.FILE_SETTINGS} <= set(variable_names())


def test_a_trial_refuses_a_database_that_a_file_names(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*environment._EXTERNAL, "CONSULT_SECRET_KEY_FILE"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONSULT_DATABASE_URL_FILE", str(file))
    with pytest.raises(Exception, match="CONSULT_DATABASE_URL_FILE points elsewhere"):
        environment.require_no_external_services()
