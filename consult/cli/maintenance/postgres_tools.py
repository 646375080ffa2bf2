"""PostgreSQL's own programs for backups: pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import click
from sqlalchemy import make_url

from consult.embedded import EmbeddedError, binaries


def find_program(name: str) -> Path:
    """Return the program in CONSULT_PG_BIN, in PATH or in the installed package. Raises ClickException."""
    named = os.environ.get("CONSULT_PG_BIN")
    if path := shutil.which(name, path=named) if named else shutil.which(name):
        return Path(path)
    try:
        path = shutil.which(name, path=str(binaries.find_postgres(None)))
    except EmbeddedError:
        path = None
    if path is None:
        raise click.ClickException(
            f"{name} was not found. Install the client programs of PostgreSQL (on Debian: postgresql-client), or set "
            "CONSULT_PG_BIN to their folder."
        )
    return Path(path)


def run_program(name: str, *arguments: str, database_url: str) -> None:
    """Run a program on a database. Raises ClickException with its last line.

    The password is passed in the environment, because other users can read arguments.
    """
    url = make_url(database_url)
    place = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    password = {"PGPASSWORD": url.password} if url.password else {}
    done = subprocess.run(  # noqa: S603 - PostgreSQL's program with our arguments
        [find_program(name), *arguments, f"--dbname={place}"],
        env={**os.environ, **password},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        raise click.ClickException(f"{name} failed with exit status {done.returncode}: {last}")
