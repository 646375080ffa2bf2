"""`consult signals`: keep and retract tables of drug-checking results, and read substance records."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from consult.accounts import service as accounts
from consult.accounts.organisations import service as organisations
from consult.cli.imports.substances import import_substances
from consult.cli.schema_check import application
from consult.core.clock import now
from consult.core.db import transaction
from consult.core.errors import Refusal
from consult.core.tables.delimited import TableRefused
from consult.signals.samples import service
from consult.signals.samples.intake import receive_table
from consult.signals.samples.service import SamplePreview
from consult.signals.samples.table import SampleTable, read_table

EXIT_SOME_BAD = 3
"""Exit status if rows cannot be read. Nothing is kept then, except with --skip-bad."""
_REFUSED = {
    "empty": "The file has no rows.",
    "columns": "The file needs a column with the day and a column with what was found.",
    "large": "The file has too many rows.",
    "damaged": "The file cannot be read as a table.",
}
_SOME = 20


@click.group("signals")
def signals() -> None:
    """Save and retract tables of drug-checking results, and read substance records."""


signals.add_command(import_substances)


@signals.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--for", "organisation", required=True, type=int, metavar="ID", help="Number of the organisation.")
@click.option("--by", "email", required=True, metavar="EMAIL", help="E-mail address of a member of the organisation.")
@click.option(
    "--region", required=True, metavar="CODE", help="ISO 3166-2 code for rows without a region, such as CA-BC."
)
@click.option("--look", is_flag=True, help="Show how the file is read. Save nothing.")
@click.option("--skip-bad", is_flag=True, help="Skip rows that cannot be read.")
@click.option("--public", is_flag=True, help="Record that the organisation publishes these results itself.")
def import_samples(
    file: Path, organisation: int, email: str, region: str, look: bool, skip_bad: bool, public: bool
) -> None:
    """Save the samples in FILE, a CSV table with one row for each sample or each finding.

    A sample without a finding counts as tested. Importing the same file again saves nothing. If a row
    cannot be read, nothing is saved and the exit status is 3, except with --skip-bad.
    """
    data = file.read_bytes()
    with application().app_context():
        try:
            with transaction() as session, receive_table(session, data, organisation):
                table = _read(data, region)
                shown = service.preview(session, organisation, table.samples, at=now())
            _show(table, shown)
            if look:
                return
            if table.left_out and not skip_bad:
                raise SystemExit(EXIT_SOME_BAD)
            with transaction() as session:
                by = accounts.find_by_email(session, email)
                if by is None:
                    raise click.ClickException("No account has this e-mail address.")
                organisations.get_for_member(session, organisation, by)
                batch = service.keep(
                    session, organisation, table.samples, by=by, file_name=file.name, data=data, public=public
                )
                click.echo(f"Batch {batch.id}: {batch.rows} samples saved." if batch else "No samples saved.")
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal


def _read(data: bytes, region: str) -> SampleTable:
    try:
        return read_table(data, region.upper())
    except TableRefused as refused:
        raise Refusal(_REFUSED.get(str(refused), str(refused))) from refused


def _show(table: SampleTable, shown: SamplePreview) -> None:
    for heading, role in table.columns.items():
        click.echo(f"{heading}: {role}")
    days = sorted(sample.day for sample in table.samples)
    if days:
        click.echo(f"{len(days)} samples, {days[0]} to {days[-1]}")
    click.echo(f"New: {len(shown.new)}. Known: {shown.known}. Known with other content: {len(shown.changed)}.")
    negatives = sum(not sample.found for sample in table.samples)
    click.echo(f"Without a finding: {negatives}. Rows left out: {len(table.left_out)}.")
    for line, problem in table.left_out[:_SOME]:
        click.echo(f"  line {line}: {problem}")
    for name, counter in (("known", shown.certain), ("similar to a name", shown.near), ("unknown", shown.unknown)):
        click.echo(f"Names {name}: {len(counter)}, in {counter.total()} findings{_list_some(counter)}")
    for proposal in shown.proposals:
        click.echo(f"Would propose an alert: {proposal.name} in {proposal.region}, {proposal.findings} in 28 days")


def _list_some(counter: Counter[str]) -> str:
    some = ", ".join(name for name, _count in counter.most_common(5))
    return f": {some}" if some else ""


@signals.command("retract")
@click.argument("batch", type=int)
@click.option("--by", "email", required=True, metavar="EMAIL", help="E-mail address of a member of the organisation.")
@click.option("--reason", required=True, metavar="TEXT", help="Kept with the batch and in the public record.")
def retract_samples(batch: int, email: str, reason: str) -> None:
    """Retract BATCH: delete its samples and withdraw the reports that they put in the queue."""
    with application().app_context():
        try:
            with transaction() as session:
                by = accounts.find_by_email(session, email)
                if by is None:
                    raise click.ClickException("No account has this e-mail address.")
                count = service.retract(session, batch, by=by, reason=reason)
                click.echo(f"{count} samples deleted.")
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
