"""`consult signals substances`: read a table of substance records."""

from __future__ import annotations

from pathlib import Path

import click

from consult.accounts import service as accounts
from consult.cli.schema_check import application
from consult.core.db import transaction
from consult.core.errors import Refusal
from consult.core.tables.delimited import TableRefused
from consult.signals.substances import matches, records
from consult.signals.substances.record_table import COLUMNS, RecordTable, read_records
from consult.taxonomy.model import Term

PACKAGED = Path(records.__file__).with_name("records.csv")
EXIT_SOME_BAD = 3
"""Exit status if a line is left out. Nothing is saved then, except with --skip-bad."""


@click.command("substances")
@click.argument("source")
@click.option("--by", "email", required=True, metavar="EMAIL", help="E-mail address of the account that edits.")
@click.option("--reason", required=True, metavar="TEXT", help="Kept with each change and shown publicly.")
@click.option("--look", is_flag=True, help="Show how the file is read. Save nothing.")
@click.option("--skip-bad", is_flag=True, help="Leave out lines that cannot be read.")
def import_substances(source: str, email: str, reason: str, look: bool, skip_bad: bool) -> None:
    """Save the substance records of SOURCE: a CSV file, or `drug-policy` for the records that come with Consult.

    A record is replaced as a whole. The same file again changes nothing.
    """
    path = PACKAGED if source == "drug-policy" else Path(source)
    if not path.is_file():
        raise click.ClickException(f"No records or file is named {source}.")
    with application().app_context():
        try:
            with transaction() as session:
                table = read_records(path.read_bytes(), matches.load_index(session))
                _show(table)
                if look:
                    return
                if table.left_out and not skip_bad:
                    raise SystemExit(EXIT_SOME_BAD)
                by = accounts.find_by_email(session, email)
                if by is None:
                    raise click.ClickException("No account has this e-mail address.")
                changed = [
                    records.save_record(session, session.get_one(Term, term_id), values, by=by, reason=reason)
                    for term_id, values in sorted(table.records.items())
                ]
            click.echo(f"Changed: {sum(changed)}. Unchanged: {changed.count(False)}.")
        except TableRefused as refused:
            raise click.ClickException(f"The table needs a column name. It can have: {', '.join(COLUMNS)}") from refused
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal


def _show(table: RecordTable) -> None:
    click.echo(f"Records: {len(table.records)}. Lines left out: {len(table.left_out)}.")
    for line, problem in table.left_out:
        click.echo(f"  line {line}: {problem}")
