"""`consult plan`: adds the actions of a table, keeps the series of an indicator, makes the movement of a year."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy.orm import Session

from consult.accounts import service as accounts
from consult.accounts.model import Account
from consult.cli.schema_check import application
from consult.core.clock import now
from consult.core.db import transaction
from consult.core.errors import Refusal
from consult.core.web.addresses import public_url
from consult.plans import drafts, rights, service
from consult.plans.action_table import ActionTable, load_actions
from consult.plans.indicators import service as indicators
from consult.plans.indicators.cells import DecimalMark
from consult.plans.indicators.tables import ReadingChoices, TableReading
from consult.plans.model import ActionPlan
from consult.plans.movement import service as movements
from consult.plans.movement.content import YearMovement
from consult.plans.movement.service import MadeMovement
from consult.plans.rights import PlanDeed

EXIT_SOME_BAD = 3
"""The exit code where lines could not be read: nothing is added then, unless they are to be skipped."""


_METADATA_HELP = "What CSV on the Web says of it; without this, FILE-metadata.json beside it, if there is one."


@click.group("plan")
def plan() -> None:
    """Plans, their actions and their indicators."""


@plan.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--plan", "slug", required=True, metavar="SLUG", help="The plan, as in its address.")
@click.option("--by", "email", required=True, metavar="EMAIL", help="The account in whose name they are added.")
@click.option("--look", is_flag=True, help="Show how the file is read, and add nothing.")
@click.option("--skip-bad", is_flag=True, help="Leave out the lines that cannot be read.")
def import_actions(file: Path, slug: str, email: str, look: bool, skip_bad: bool) -> None:
    """Add the actions of FILE, a CSV table with a header such as the page "From a table" reads.

    The account must be one that may write the plan. Where a line cannot be read nothing is added (exit code 3), unless
    such lines are to be skipped. Giving the same file twice adds its actions twice.
    """
    with application().app_context():
        try:
            _text, table = load_actions(file.read_bytes())
            _tell(table)
            added = _add(slug, email, table, keep=not look and (skip_bad or not table.problems))
        except (Refusal, OSError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{added} actions added." if added else "Nothing was added.")
    if table.problems and not added:
        raise click.exceptions.Exit(EXIT_SOME_BAD)


@plan.command("series")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--plan", "slug", required=True, metavar="SLUG", help="The plan, as in its address.")
@click.option(
    "--indicator", "code", required=True, metavar="CODE", help="The indicator of the plan, as in its address."
)
@click.option("--by", "email", required=True, metavar="EMAIL", help="The account in whose name it is kept.")
@click.option("--metadata", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=_METADATA_HELP)
@click.option("--mark", type=click.Choice(["point", "comma"]), help="What is before decimals, where it is in doubt.")
@click.option("--note", default="", help="What the file corrects or adds, where the indicator has values.")
@click.option("--look", is_flag=True, help="Show how the file is read, and keep nothing.")
def import_series(
    file: Path, slug: str, code: str, email: str, metadata: Path | None, mark: str | None, note: str, look: bool
) -> None:
    """Keep the values of FILE for an indicator: CSV, CSV on the Web, SDMX-CSV or SDMX-ML, read as the page reads it.

    The account must be one that may write the plan. The former file stays to be seen.
    """
    beside = metadata or file.with_name(f"{file.name}-metadata.json")
    choices = ReadingChoices(mark=DecimalMark[mark.upper()] if mark else None)
    with application().app_context():
        try:
            with transaction() as session:
                row, by = _find(session, slug, email)
                indicator, told = indicators.get_indicator(session, row, code), beside.is_file()
                made = indicators.propose_import(
                    session,
                    row,
                    indicator,
                    by=by,
                    name=file.name,
                    data=file.read_bytes(),
                    metadata=beside.read_bytes() if told else None,
                )
                _tell_series(indicators.choose(session, made, choices), beside.name if told else "")
                if look:
                    session.rollback()
                else:
                    indicators.keep_import(session, row, indicator, made, by=by, note=note)
        except (Refusal, OSError) as error:
            raise click.ClickException(str(error)) from error
    click.echo("Nothing was kept." if look else "Kept.")


def _tell_series(read: TableReading, beside: str) -> None:
    """How the file is read: what each column is, how many values there are, and each cell that cannot be read."""
    if beside:
        click.echo(f"Metadata: {beside}")
    for number, header in enumerate(read.headers):
        click.echo(f"{header}\t{read.roles.get(number, 'not used')}")
    periods = list(dict.fromkeys(one.period for one in read.values))
    span = f", {periods[0]} to {periods[-1]}" if periods else ""
    click.echo(
        f"{len(read.values)} values of {len(periods)} periods{span}. Unit in the file: {read.unit or 'not said'}."
    )
    if read.doubtful_mark and read.example:
        text, *readings = read.example
        click.echo(f"“{text}” may be {' or '.join(readings)}: say --mark point or --mark comma.", err=True)
    for bad in read.problems:
        click.echo(f"Line {bad.line}, {bad.column}: “{bad.text}” is left out ({bad.kind}).", err=True)


@plan.command("movement")
@click.argument("slug")
@click.option("--year", type=int, help="The year; without it the last one in which the plan was public, or this one.")
@click.option("--look", is_flag=True, help="Show what it would tell, and make nothing.")
def make_movement(slug: str, year: int | None, look: bool) -> None:
    """Make the yearly movement of the plan SLUG now, and write its letters.

    The clock does so in January. A year is made once: giving the command again does nothing. Of the present year it
    tells how things stand today, and in January the clock makes that of the whole year in its place.
    """
    with application().app_context():
        try:
            with transaction() as session:
                row = service.get_plan(session, slug)
                wanted = year or movements.choose_year(row, now())
                if look:
                    _tell_movement(movements.compile_year(session, row, wanted, now()), wanted)
                    click.echo("Nothing was made.")
                    return
                made = movements.make_movement(session, row, wanted)
                _tell_movement(made.moved, wanted)
                told = _describe(made)
        except Refusal as error:
            raise click.ClickException(str(error)) from error
        click.echo(told)
        click.echo(public_url("plans.movement", slug=slug, year=wanted))


def _tell_movement(moved: YearMovement, year: int) -> None:
    """The four numbers, each with what it counts."""
    click.echo(f"{year}: indicators that turned the wrong way: {len(moved.wrong)} (with a new value: {moved.compared})")
    for turned in moved.wrong:
        click.echo(f"  {turned.code}\t{turned.before} ({turned.before_period}) -> {turned.last} ({turned.last_period})")
    for told, those in (("went late", moved.late), ("seen otherwise", moved.differ), ("called done", moved.done)):
        click.echo(f"{year}: actions {told}: {len(those)}")
        for one in those:
            click.echo(f"  {one.number}\t{one.title}")


def _describe(made: MadeMovement) -> str:
    if not made.fresh:
        return f"It was made on {made.row.at:%Y-%m-%d}: nothing was done."
    return f"Made. Letters written: {made.letters}."


def _find(session: Session, slug: str, email: str) -> tuple[ActionPlan, Account]:
    """The plan and the account, which may write it. Raises Refusal."""
    by = accounts.find_by_email(session, email)
    if by is None:
        raise Refusal("No account has the address that --by gives.")
    row = service.get_plan(session, slug, by)
    rights.check_may(session, by, row, PlanDeed.EDIT)
    return row, by


def _add(slug: str, email: str, table: ActionTable, *, keep: bool) -> int:
    """Adds the actions, or only looks whether they may be added. Gives how many. Raises Refusal."""
    with transaction() as session:
        row, by = _find(session, slug, email)
        return drafts.add_actions(session, row, by=by, wanted=table.actions) if keep else 0


def _tell(table: ActionTable) -> None:
    """How the file is read: each action, and each cell that cannot be."""
    for one in table.actions:
        click.echo(f"{one.number or '-'}\t{one.due_on}\t{one.owner_name}\t{one.title}")
    if table.unused:
        click.echo(f"Columns that are not used: {', '.join(table.unused)}.", err=True)
    for bad in table.problems:
        said = f"“{bad.text}” cannot be read" if bad.text else "is empty"
        click.echo(f"Line {bad.line}, {bad.column}: {said}.", err=True)
