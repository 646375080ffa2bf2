"""Settings that `consult up` stores in its data folder for later runs and other commands."""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

import click

from consult.core.secret_files import file_variable, is_given

_FILE = "environment"
KEY_FILE = "secret-key"
_SERVICES = ("database_url", "redis_url", "broker_url", "limits_url", "smtp_url", "files_url")
_EXTERNAL = {f"CONSULT_{name.upper()}" for name in _SERVICES} | {file_variable(name) for name in _SERVICES}
"""Settings that name shared services. A trial has its own services and must not touch these."""
_KEYS = ("CONSULT_SECRET_KEY", "CONSULT_SEAL_KEY")


def data_dir() -> Path:
    """Return CONSULT_DATA_DIR, or `var` in the current folder. Deleting it deletes the trial."""
    return Path(os.environ.get("CONSULT_DATA_DIR") or "var")


def secret_key(folder: Path) -> str:
    """Return the secret key of this data folder, created at the first call, so that later runs can decrypt its data."""
    path = folder / KEY_FILE
    if not path.exists():
        fresh = path.with_suffix(".new")
        _write_private(fresh, secrets.token_urlsafe(48) + "\n")
        fresh.replace(path)
    return path.read_text().strip()


def _external_names() -> list[str]:
    """Return the settings of external services that are set, in upper or lower case."""
    return sorted(name for name in os.environ if name.upper() in _EXTERNAL)


def require_no_external_services() -> None:
    """Raise an error if production settings are set: a trial would fill that database and e-mail its users."""
    if named := [name for name in _external_names() if os.environ[name]]:
        raise click.ClickException(
            f"`consult up` keeps its data, queue, e-mails and files in one folder and uses nothing else, but "
            f"{', '.join(named)} {'point' if len(named) > 1 else 'points'} elsewhere. Start it without: "
            f"env{''.join(f' -u {name}' for name in named)} consult up …; or run `consult web`, `consult worker` and "
            "`consult clock` there."
        )


def limit_math_threads() -> None:
    """Limit OpenBLAS to one thread in each process started from now on, unless the environment sets a number.

    By default it uses one thread per core. These wait for each other by spinning, on cores that other processes need.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def write_environment(folder: Path, values: Mapping[str, str]) -> None:
    """Write the settings of the running Consult in a format that shells can read."""
    _write_private(folder / _FILE, "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items()))


def remove_environment(folder: Path) -> None:
    (folder / _FILE).unlink(missing_ok=True)


def adopt_environment() -> None:
    """Use the settings of the running `consult up` if no database is configured.

    Other external services in the environment are ignored.
    """
    if is_given("database_url"):
        return
    try:
        lines = (data_dir() / _FILE).read_text().splitlines()
    except OSError:
        return
    for name in _external_names():
        del os.environ[name]
    for line in lines:
        name, _, value = line.partition("=")
        own = "".join(shlex.split(value))
        if name in _KEYS and os.environ.get(name, own) != own:
            raise click.ClickException(
                f"{name} differs from the key of the running Consult in {data_dir()}. Leave it unset."
            )
        os.environ[name] = own


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
