"""`consult countries`: record tables of treaties."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from consult.accounts import service as accounts
from consult.cli.schema_check import application
from consult.core.db import transaction
from consult.core.errors import Refusal
from consult.countries import service
from consult.countries.treaty_tables.reader import TreatyTable, load_table


@click.group("countries")
def countries() -> None:
    """Record treaties and laws of countries."""


@countries.command("treaty")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--treaty", "notation", required=True, metavar="NAME", help="The treaty, such as 1988 or iccpr.")
@click.option("--source", required=True, help="Web address of the table, or its citation.")
@click.option(
    "--looked-on",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="Day on which the table was saved, such as 2026-11-30.",
)
@click.option("--by", "email", required=True, metavar="EMAIL", help="E-mail address of an administrator.")
@click.option("--look", is_flag=True, help="Show how the file is read. Record nothing.")
def import_treaty(file: Path, notation: str, source: str, looked_on: datetime, email: str, look: bool) -> None:
    """Record the dates in FILE, the depositary’s list of the participants of a treaty.

    FILE is CSV, Excel, Word, HTML or Markdown. Importing the same file again records nothing. Lines that are not
    understood are listed.
    """
    with application().app_context():
        try:
            with transaction() as session:
                by = accounts.find_by_email(session, email)
                if by is None:
                    raise click.ClickException("No account has the address given with --by.")
                treaty = service.get_treaty(session, notation)
                _text, table = load_table(file.read_bytes())
                _show(table)
                kept = 0
                if not look:
                    kept = service.keep_treaty(
                        session, treaty, table.actions, by=by, source=source, looked_on=looked_on.date()
                    )
        except (Refusal, OSError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{len(table.actions)} dates in {table.lines} lines. Facts recorded: {kept}.")


def _show(table: TreatyTable) -> None:
    click.echo(f"Columns read: {', '.join(table.columns)}.")
    reasons = {"country": "is not a country", "date": "cannot be read as a date", "none": "has no date"}
    for line in table.skipped:
        click.echo(f"Line {line.line}: “{line.text}” {reasons[line.what]}.", err=True)
