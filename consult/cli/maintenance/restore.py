"""`consult restore`: check a backup, restore it into an empty database and audit the result."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from sqlalchemy import NullPool, create_engine, make_url, text

from consult.cli.audit import Head, HeadType, audit_site
from consult.cli.database import migrate
from consult.cli.maintenance.manifest import DATABASE, FILES, Manifest, fingerprint_key, list_damage, read_manifest
from consult.cli.maintenance.postgres_tools import run_program
from consult.cli.schema_check import application
from consult.core.database.schema_check import newest_migration
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.settings import Secret, Settings
from consult.files import store

_SHOWN = 10
_TABLES = text("SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")


def require_restorable(folder: Path, settings: Settings, head: Head | None) -> Manifest:
    """Return the manifest after checking files, key and release, before anything is written. Raises ClickException."""
    manifest = read_manifest(folder)
    if damage := list(list_damage(folder, manifest)):
        raise click.ClickException("\n".join(["The backup is damaged. Use another one.", *damage[:_SHOWN]]))
    if manifest.key != fingerprint_key(settings):
        raise click.ClickException(
            "This backup was encrypted with another key. Set CONSULT_SEAL_KEY (or, if it was not set, "
            "CONSULT_SECRET_KEY) to the key of that time."
        )
    if manifest.revision > newest_migration():
        raise click.ClickException(f"This backup was made by release {manifest.release}. Install that release first.")
    if head is not None and manifest.entries < head[0]:
        raise click.ClickException(
            f"This backup has {manifest.entries} entries of the public record, fewer than the {head[0]} you noted. "
            "Use a later backup."
        )
    return manifest


def require_empty(settings: Settings) -> None:
    """Raise ClickException if the database has any table, so that a restore does not overwrite data."""
    engine = create_engine(settings.database_url, poolclass=NullPool)
    with engine.connect() as connection:
        tables = connection.scalar(_TABLES)
    if tables:
        raise click.ClickException(
            f"The database has {tables} tables. Restore into an empty one: createdb, then set CONSULT_DATABASE_URL."
        )


def restore_backup(folder: Path, settings: Settings, manifest: Manifest, *, head: Head | None = None) -> bool:
    """Restore the database and the files, migrate, and return True if the audit agrees.

    The audit also compares the public record with the head in the manifest.
    """
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    run_program("pg_restore", *options, str(folder / DATABASE), database_url=settings.database_url)
    for file in manifest.files:
        if file.path.startswith(f"{FILES}/"):
            store.put_encrypted(settings, file.path.removeprefix(f"{FILES}/"), folder / file.path)
    migrate(settings.database_url)
    app = application(settings)
    own = (manifest.entries, bytes.fromhex(manifest.head))
    agrees = audit_site(app, head=head or (own if manifest.entries else None))
    with app.app_context():
        db.engine.dispose()
    return agrees


@contextmanager
def _temporary_database(settings: Settings) -> Iterator[str]:
    """Create a database on the same server, and drop it at the end. The role needs the right CREATEDB."""
    name = f"consult_check_{secrets.token_hex(4)}"
    engine = create_engine(settings.database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        try:
            yield make_url(settings.database_url).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def check_backup(folder: Path, settings: Settings) -> None:
    """Restore a backup into a temporary database and folder. Raises ClickException if it cannot be used."""
    manifest = require_restorable(folder, settings, None)
    with _temporary_database(settings) as url, TemporaryDirectory(prefix="consult-check-") as place:
        files = Secret(f"file://{place}/files")
        temporary = Settings(database_url=url, files_url=files, data_dir=Path(place))
        if not restore_backup(folder, temporary, manifest):
            raise click.ClickException("The restored data do not match the public record.")


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--head", type=HeadType(), help="Number and hash of the last entry that you noted. An older backup is refused."
)
def restore(folder: Path, head: Head | None) -> None:
    """Restore the backup in FOLDER into an empty database and the file store, then audit the result.

    All files and the key are checked first. First stop the web server, the worker and the scheduler.
    The exit status is 1 if the restored data do not match the public record.
    """
    settings = Settings()
    manifest = require_restorable(folder, settings, head)
    require_empty(settings)
    try:
        agrees = restore_backup(folder, settings, manifest, head=head)
    except Refusal as error:
        raise click.ClickException(f"The files were not restored: {error}") from error
    click.echo(f"Restored the backup of {manifest.moment:%d %B %Y, %H:%M} UTC.")
    if not manifest.has_store:
        click.echo("It has no files. Restore the file store from its own backup.")
    click.echo("Erase again what was erased since (docs/erasure.md), start the processes and run consult doctor.")
    sys.exit(0 if agrees else 1)
