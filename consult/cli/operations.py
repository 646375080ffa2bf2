"""Operator commands: migrate the database."""

from __future__ import annotations

import click
from alembic.util.exc import CommandError
from sqlalchemy import make_url

from consult.cli.database import MigrationRefused, migrate
from consult.cli.processes.numbers import Duration
from consult.cli.schema_check import require_key
from consult.core.settings import Settings


@click.command("migrate")
@click.argument("revision", default="head")
@click.option("--yes", is_flag=True, help="Empty the database without asking.")
@click.option(
    "--wait", type=Duration(), default="0s", help="Time to try again while tables are in use, such as 90s, 10m or 1h."
)
def migrate_command(revision: str, yes: bool, wait: float) -> None:
    """Migrate the database to REVISION.

    Without REVISION, it migrates to the newest one. The revision base empties the database, but asks first.
    """
    if revision == "base" and not yes:
        place = make_url(Settings().database_url).render_as_string()
        click.confirm(f"This deletes everything in {place}: all submissions, all accounts. Delete it?", abort=True)
    try:
        reached = migrate(Settings().database_url, revision, wait=wait)
    except MigrationRefused as refused:
        raise click.ClickException(str(refused)) from refused
    except CommandError as error:
        raise click.ClickException(f"Migration {revision} does not exist.") from error
    if revision not in ("head", "base", reached):
        said = f"The database stays at {reached}. It cannot go back to {revision}. Restore a backup instead."
        raise click.ClickException(said)
    if revision == "head":
        click.echo("The database is up to date.")
    else:
        click.echo(f"The database is at {reached}." if reached else "The database is empty.")
    if Settings().has_real_key:
        require_key(Settings())
