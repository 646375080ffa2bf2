"""A runner of commands with the settings of the tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from consult.core.settings import Settings
from tests.conftest import KEY


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    values = {"DATABASE_URL": settings.database_url, "BROKER_URL": "memory://", "LIMITS_URL": "memory://",
              "DATA_DIR": str(tmp_path), "LOG_LEVEL": "ERROR", "SECRET_KEY": KEY,
              "BASE_URL": "http://localhost"}  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(f"CONSULT_{name}", value)
    return CliRunner()
