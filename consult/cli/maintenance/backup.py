"""`consult backup`: save the database and the file store with a manifest."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.audit import chain
from consult.cli.maintenance.manifest import DATABASE, FILES, Manifest, describe_file, fingerprint_key
from consult.cli.maintenance.postgres_tools import run_program
from consult.cli.maintenance.restore import check_backup
from consult.cli.processes.numbers import WholeNumber
from consult.cli.schema_check import application
from consult.core.clock import now
from consult.core.database.schema_check import newest_migration
from consult.core.db import db, transaction
from consult.core.errors import Refusal
from consult.core.settings import Settings
from consult.files import store
from consult.site import service as site

_NAME = re.compile(r"consult-\d{8}T\d{6}Z")
_UNFINISHED = ".unfinished"


def dump_database(app: Flask, target: Path) -> tuple[int, bytes]:
    """Dump the database and return the head of the public record in it: the number of entries and their hash.

    Both are read from one snapshot, while the site continues to work.
    """
    settings: Settings = app.config["SETTINGS"]
    with db.engine.connect() as opened:
        connection = opened.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with Session(connection) as session:
            snapshot = session.scalar(text("SELECT pg_export_snapshot()"))
            options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
            run_program("pg_dump", *options, f"--file={target}", database_url=settings.database_url)
            return chain.compute_head(session)


def copy_store(settings: Settings, folder: Path) -> None:
    """Copy all objects of the file store, encrypted as they are. Objects that are deleted meanwhile are left out."""
    for path in store.list_paths(settings):
        target = folder / FILES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(store.NotInStore):
            store.save_encrypted(settings, path, target)


def make_backup(app: Flask, parent: Path, *, with_files: bool = True) -> Path:
    """Write a backup into a new folder in `parent` and return it. An interrupted one never has the final name.

    The files are copied after the database, so that all files of the dump are among them.
    """
    settings: Settings = app.config["SETTINGS"]
    at = now()
    folder = parent / f"consult-{at:%Y%m%dT%H%M%SZ}"
    work = folder.with_name(folder.name + _UNFINISHED)
    work.mkdir(mode=0o700, parents=True)
    with app.app_context():
        entries, head = dump_database(app, work / DATABASE)
        if with_files:
            copy_store(settings, work)
    Manifest(
        made_at=at.isoformat(timespec="seconds"),
        release=version("consult"),
        revision=newest_migration(),
        key=fingerprint_key(settings),
        entries=entries,
        head=head.hex(),
        has_store=with_files,
        files=[describe_file(work, path) for path in sorted(work.rglob("*")) if path.is_file()],
    ).write(work)
    os.sync()
    work.rename(folder)
    with app.app_context(), transaction() as session:
        site.record_beat(session, site.BACKUP)
    return folder


def delete_old_backups(parent: Path, *, keep: int) -> list[str]:
    """Delete all but the newest backups, and what interrupted ones left. Return the deleted names."""
    complete = sorted(path for path in parent.iterdir() if _NAME.fullmatch(path.name))
    broken = [path for path in parent.iterdir() if _NAME.fullmatch(path.name.removesuffix(_UNFINISHED))]
    old = complete[:-keep] + [path for path in broken if path.name.endswith(_UNFINISHED)]
    for path in old:
        shutil.rmtree(path)
    return [path.name for path in old]


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--keep", type=WholeNumber(1), help="Number of backups to keep in FOLDER. Older ones are deleted.")
@click.option("--no-files", is_flag=True, help="Save the database only, if the file store has its own backup.")
@click.option(
    "--check", is_flag=True, help="Test the backup FOLDER: restore it into a temporary database and audit it."
)
def backup(folder: Path, keep: int | None, no_files: bool, check: bool) -> None:
    """Save the database and the file store to a new folder in FOLDER.

    The keys are not part of it: keep them in another place. Without CONSULT_SEAL_KEY (or, if it is not set,
    CONSULT_SECRET_KEY) nobody can read a backup.
    """
    if check:
        check_backup(folder, Settings())
        click.echo("The backup can be restored.")
        return
    try:
        made = make_backup(application(), folder, with_files=not no_files)
    except (Refusal, OSError) as error:
        raise click.ClickException(f"The backup was not made: {error}") from error
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    click.echo(f"Saved {made} ({size / 2**20:.1f} MB). Keep the keys in another place.")
    for name in delete_old_backups(folder, keep=keep) if keep else []:
        click.echo(f"Deleted {name}.")
