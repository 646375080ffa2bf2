"""Settings that `consult up` stores in its data folder for later runs and other commands."""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

import click

_FILE = "environment"
KEY_FILE = "secret-key"
_EXTERNAL = {f"CONSULT_{name}_URL" for name in ("DATABASE", "REDIS", "BROKER", "LIMITS", "SMTP", "FILES")}
"""What names a place that others use too. A trial has each of its own, and touches no other."""
_KEYS = ("CONSULT_SECRET_KEY", "CONSULT_SEAL_KEY")


def data_dir() -> Path:
    """CONSULT_DATA_DIR, or `var` in the folder where the command was given: deleting it deletes the trial."""
    return Path(os.environ.get("CONSULT_DATA_DIR") or "var")


def secret_key(folder: Path) -> str:
    """The key of this data folder, made at the first call and kept: what is sealed can be opened next time."""
    path = folder / KEY_FILE
    if not path.exists():
        fresh = path.with_suffix(".new")
        _write_private(fresh, secrets.token_urlsafe(48) + "\n")
        fresh.replace(path)
    return path.read_text().strip()


def _external_names() -> list[str]:
    """Those that are set, in capitals or not."""
    return sorted(name for name in os.environ if name.upper() in _EXTERNAL)


def require_no_external_services() -> None:
    """A sentence where settings of production are set: a trial would fill that database and write to its people."""
    if named := [name for name in _external_names() if os.environ[name]]:
        raise click.ClickException(
            f"`consult up` keeps its data, queue, letters and files in one folder, and touches nothing else, but "
            f"{', '.join(named)} {'name' if len(named) > 1 else 'names'} another place. Start it without: "
            f"env{''.join(f' -u {name}' for name in named)} consult up …; or run `consult web`, `consult worker` and "
            "`consult clock` there."
        )


def limit_math_threads() -> None:
    """One thread for the arithmetic of each process that is started from here on, unless the environment has a number.

    OpenBLAS takes one for each core, which wait for each other by spinning, on cores that other processes need.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def write_environment(folder: Path, values: Mapping[str, str]) -> None:
    """Writes the settings of a running Consult as lines that a shell can read too."""
    _write_private(folder / _FILE, "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items()))


def remove_environment(folder: Path) -> None:
    (folder / _FILE).unlink(missing_ok=True)


def adopt_environment() -> None:
    """Lets a command talk to the `consult up` that runs on this data folder, and to nothing else, where no database is
    named."""
    if os.environ.get("CONSULT_DATABASE_URL"):
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
                f"{name} is not that of the Consult that runs on {data_dir()}: leave it unset, commands take its keys."
            )
        os.environ[name] = own


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
