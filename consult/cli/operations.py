"""Operator commands: migrate the database."""

from __future__ import annotations

import click
from alembic.util.exc import CommandError
from sqlalchemy import make_url

from consult.cli.database import MigrationRefused, migrate
from consult.cli.schema_check import require_key
from consult.core.settings import Settings


@click.command("migrate")
@click.argument("revision", default="head")
@click.option("--yes", is_flag=True, help="Empty the database without asking.")
def migrate_command(revision: str, yes: bool) -> None:
    """Migrate the database to REVISION.

    The default is head. base asks first, then empties the database.
    """
    if revision == "base" and not yes:
        place = make_url(Settings().database_url).render_as_string()
        click.confirm(f"This deletes everything in {place}: all submissions, all accounts. Delete it?", abort=True)
    try:
        reached = migrate(Settings().database_url, revision)
    except MigrationRefused as refused:
        raise click.ClickException(str(refused)) from refused
    except CommandError as error:
        raise click.ClickException(f"Migration {revision} does not exist.") from error
    if revision not in ("head", "base", reached):
        said = f"The database stays at {reached}. It cannot go back to {revision}. Restore a backup instead."
        raise click.ClickException(said)
    click.echo("The database is up to date." if revision == "head" else f"The database is at {reached or 'nothing'}.")
    if Settings().has_real_key:
        require_key(Settings())
