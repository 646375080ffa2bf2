"""What `consult up` keeps in its data folder so that it finds itself again, and other commands find it."""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

_FILE = "environment"
_KEY = "secret-key"


def data_dir() -> Path:
    """CONSULT_DATA_DIR, or `var` in the folder where the command was given: deleting it deletes the trial."""
    return Path(os.environ.get("CONSULT_DATA_DIR") or "var")


def secret_key(folder: Path) -> str:
    """The key of this data folder, made at the first call and kept: what is sealed can be opened next time."""
    path = folder / _KEY
    if not path.exists():
        fresh = path.with_suffix(".new")
        _write_private(fresh, secrets.token_urlsafe(48) + "\n")
        fresh.replace(path)
    return path.read_text().strip()


def remember(folder: Path, values: Mapping[str, str]) -> None:
    """Writes the settings of a running Consult as lines that a shell can read too."""
    _write_private(folder / _FILE, "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items()))


def forget(folder: Path) -> None:
    (folder / _FILE).unlink(missing_ok=True)


def adopt() -> None:
    """Lets a command talk to the `consult up` that runs on this data folder, where no database is named."""
    if os.environ.get("CONSULT_DATABASE_URL"):
        return
    try:
        lines = (data_dir() / _FILE).read_text().splitlines()
    except OSError:
        return
    for line in lines:
        name, _, value = line.partition("=")
        os.environ.setdefault(name, "".join(shlex.split(value)))


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
