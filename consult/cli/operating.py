"""Commands for the operator: bring the database up to date, and hold the books against the rows."""

from __future__ import annotations

import sys

import click
from alembic.util.exc import CommandError
from sqlalchemy import make_url, select

from consult.cli.database import migrate
from consult.cli.ready import application
from consult.consultations.model import Consultation
from consult.core.db import transaction
from consult.core.settings import Settings
from consult.submissions import queries


@click.command("migrate")
@click.argument("revision", default="head")
@click.option("--yes", is_flag=True, help="Empty the database without asking.")
def migrate_command(revision: str, yes: bool) -> None:
    """Bring the database to REVISION (head; base empties it, and asks first)."""
    if revision == "base" and not yes:
        place = make_url(Settings().database_url).render_as_string()
        click.confirm(f"This deletes everything in {place}: all submissions, all accounts. Delete it?", abort=True)
    try:
        reached = migrate(Settings().database_url, revision)
    except CommandError as error:
        raise click.ClickException(f"There is no migration {revision}.") from error
    if revision not in ("head", "base", reached):
        said = f"The database stays at {reached}: it cannot go back to {revision}. Restore a backup."
        raise click.ClickException(said)
    click.echo("The database is up to date." if revision == "head" else f"The database is at {reached or 'nothing'}.")


@click.command("audit")
def audit() -> None:
    """Count every consultation's books anew and compare; exit 1 on any difference."""
    failed = False
    with application().app_context(), transaction() as session:
        rows = session.scalars(select(Consultation).order_by(Consultation.id)).all()
        if not rows:
            click.echo("There is no consultation yet.")
        for row in rows:
            try:
                books = queries.audit(session, row.id)
            except queries.BooksDoNotBalance as difference:
                failed = True
                click.echo(f"{row.slug}: DOES NOT BALANCE: {difference}")
            else:
                click.echo(
                    f"{row.slug}: received {books.received} = published {books.published} + withheld {books.withheld}"
                    f" + withdrawn {books.withdrawn} + erased {books.erased} + pending {books.pending}"
                )
    sys.exit(1 if failed else 0)
