"""`consult plan`: import actions and indicator series, and make yearly summaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
from consult.plans.action_tables.actions import ActionTable, TableChoices, load_actions
from consult.plans.indicators import service as indicators
from consult.plans.indicators.cells import DecimalMark
from consult.plans.indicators.headlines import find_whole, name_headline
from consult.plans.indicators.series import build_series
from consult.plans.indicators.tables import ReadingChoices, TableReading
from consult.plans.labels import describe_due
from consult.plans.model import ActionPlan
from consult.plans.movement import service as movements
from consult.plans.movement.content import YearMovement
from consult.plans.movement.service import MadeMovement
from consult.plans.rights import PlanDeed

_SOME = 20
"""The number of lines listed when one must be chosen."""
_COLUMN_HELP = "Column with the title, due date or owner, such as owner=Who. With an empty NAME, the table has none."
_TIMETABLE_HELP = "What a timetable means, such as S=2028-06-30. Repeat it for several."
_METADATA_HELP = "CSV on the Web metadata. Default: FILE-metadata.json in the same folder, if it exists."


@click.group("plan")
def plan() -> None:
    """Manage plans, their actions and their indicators."""


@plan.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--plan", "slug", required=True, metavar="SLUG", help="The plan, as in its web address.")
@click.option("--by", "email", required=True, metavar="EMAIL", help="E-mail address of the account that adds them.")
@click.option("--column", "columns", multiple=True, metavar="ROLE=NAME", help=_COLUMN_HELP)
@click.option("--timetable", "timetables", multiple=True, metavar="WORDS=MEANING", help=_TIMETABLE_HELP)
@click.option("--look", is_flag=True, help="Show how the file is read. Add nothing.")
def import_actions(
    file: Path, slug: str, email: str, columns: tuple[str, ...], timetables: tuple[str, ...], look: bool
) -> None:
    """Add the actions of FILE that the plan does not have: a table in CSV, Excel, Word or Markdown.

    The account needs permission to edit the plan. Every line is kept. An action whose timetable cannot be read has no
    due date and keeps its words.
    """
    chosen = TableChoices(
        {role: name or None for role, _equals, name in (option.partition("=") for option in columns)},
        {words: meaning for words, _equals, meaning in (option.rpartition("=") for option in timetables)},
    )
    with application().app_context():
        try:
            with transaction() as session:
                row, by = _find(session, slug, email)
                _text, table = load_actions(file.read_bytes(), (row.period_from, row.period_to), chosen)
                _tell(table)
                added = 0 if look else drafts.add_actions(session, row, by=by, wanted=table.actions)
        except (Refusal, OSError) as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{len(table.actions)} of {table.lines} lines read. Actions added: {added}.")


@plan.command("series")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--plan", "slug", required=True, metavar="SLUG", help="The plan, as in its web address.")
@click.option(
    "--indicator", "code", required=True, metavar="CODE", help="The indicator of the plan, as in its web address."
)
@click.option("--by", "email", required=True, metavar="EMAIL", help="E-mail address of the account that saves them.")
@click.option("--metadata", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=_METADATA_HELP)
@click.option("--mark", type=click.Choice(["point", "comma"]), help="Decimal separator, if it is not clear.")
@click.option("--headline", default="", help="Name of the line to show as the value, if no line is the total.")
@click.option("--note", default="", help="What the file corrects or adds, if the indicator already has values.")
@click.option("--look", is_flag=True, help="Show how the file is read. Save nothing.")
def import_series(
    file: Path, slug: str, code: str, email: str, metadata: Path | None, mark: str | None, headline: str, note: str,
    look: bool,
) -> None:  # fmt: skip
    """Save the values of FILE for an indicator. FILE is CSV, CSV on the Web, SDMX-CSV or SDMX-ML, read as on the site.

    The account needs permission to edit the plan. The earlier file stays available.
    """
    beside = metadata or file.with_name(f"{file.name}-metadata.json")
    choices = ReadingChoices(mark=DecimalMark[mark.upper()] if mark else None)
    if told := beside.is_file():
        click.echo(f"Metadata: {beside.name}")
    with application().app_context():
        try:
            with transaction() as session:
                row, by = _find(session, slug, email)
                indicator = indicators.get_indicator(session, row, code)
                made = indicators.propose_import(
                    session,
                    row,
                    indicator,
                    by=by,
                    name=file.name,
                    data=file.read_bytes(),
                    metadata=beside.read_bytes() if told else None,
                )
                chosen = replace(choices, headline=_tell_series(indicators.choose(session, made, choices), headline))
                indicators.choose(session, made, chosen)
                if look:
                    session.rollback()
                else:
                    indicators.keep_import(session, row, indicator, made, by=by, note=note)
        except (Refusal, OSError) as error:
            raise click.ClickException(str(error)) from error
    click.echo("Nothing was saved." if look else "Saved.")


def _tell_series(read: TableReading, headline: str) -> Mapping[str, str] | None:
    """Print how the file is read: columns, number of values and unreadable cells.

    Returns the groups of the headline series, or None.
    """
    for number, header in enumerate(read.headers):
        click.echo(f"{header}\t{read.roles.get(number, 'not used')}")
    periods = list(dict.fromkeys(value.period for value in read.values))
    span = f", {periods[0]} to {periods[-1]}" if periods else ""
    click.echo(
        f"{len(read.values)} values of {len(periods)} periods{span}. Unit in the file: {read.unit or 'not stated'}."
    )
    if read.doubtful_mark and read.example:
        text, *readings = read.example
        click.echo(f"“{text}” may be {' or '.join(readings)}. Use --mark point or --mark comma.", err=True)
    for bad in read.problems:
        click.echo(f"Line {bad.line}, {bad.column}: “{bad.text}” is skipped ({bad.kind}).", err=True)
    return _choose_headline(read, headline)


def _choose_headline(read: TableReading, name: str) -> Mapping[str, str] | None:
    """Return the groups of the series with this name, or print that lists will show no value.

    Raises Refusal for an unknown name.
    """
    lines = build_series(read.values)
    some = "; ".join(name_headline(line) for line in lines[:_SOME])
    if name:
        found = next((line for line in lines if name_headline(line).casefold() == name.casefold()), None)
        if found is None:
            raise Refusal(f"No line of the file is called “{name}”. The first lines: {some}.")
        return dict(found.groups)
    if lines and find_whole(lines) is None:
        warning = "No line of the file is the total, so lists and the yearly summary show no value for this indicator."
        click.echo(f"{warning} Choose one of its {len(lines)} lines with --headline. The first: {some}.", err=True)
    return None


@plan.command("movement")
@click.argument("slug")
@click.option("--year", type=int, help="The year. Default: the last one in which the plan was public, or this one.")
@click.option("--look", is_flag=True, help="Show the summary. Save nothing.")
def make_movement(slug: str, year: int | None, look: bool) -> None:
    """Make the yearly summary of the plan SLUG now and queue its e-mails.

    The scheduler does this in January. Each summary is made once. Running the command again does nothing.
    For the current year, the summary shows the status today. In January the scheduler replaces it with the whole year.
    """
    with application().app_context():
        try:
            with transaction() as session:
                row = service.get_plan(session, slug)
                wanted = year or movements.choose_year(row, now())
                if look:
                    _tell_movement(movements.compile_year(session, row, wanted, now()), wanted)
                    click.echo("Nothing was saved.")
                    return
                made = movements.make_movement(session, row, wanted)
                _tell_movement(made.moved, wanted)
                told = _describe(made)
        except Refusal as error:
            raise click.ClickException(str(error)) from error
        click.echo(told)
        click.echo(public_url("plans.movement", slug=slug, year=wanted))


def _tell_movement(moved: YearMovement, year: int) -> None:
    """Print the four numbers of a yearly summary, each with its items."""
    wrong = f"{len(moved.wrong)} (with a new value: {moved.compared})"
    click.echo(f"{year}: indicators that moved away from their target: {wrong}")
    for turned in moved.wrong:
        click.echo(f"  {turned.code}\t{turned.before} ({turned.before_period}) -> {turned.last} ({turned.last_period})")
    for turn, those in (("became overdue", moved.late), ("disputed", moved.differ), ("reported done", moved.done)):
        click.echo(f"{year}: actions {turn}: {len(those)}")
        for one in those:
            click.echo(f"  {one.number}\t{one.title}")


def _describe(made: MadeMovement) -> str:
    if not made.fresh:
        return f"Already made on {made.row.at:%Y-%m-%d}. Nothing was changed."
    return f"Summary made. E-mails queued: {made.letters}."


def _find(session: Session, slug: str, email: str) -> tuple[ActionPlan, Account]:
    """Return the plan and the account that may edit it. Raises Refusal."""
    by = accounts.find_by_email(session, email)
    if by is None:
        raise Refusal("No account has the address given with --by.")
    row = service.get_plan(session, slug, by)
    rights.check_may(session, by, row, PlanDeed.EDIT)
    return row, by


def _tell(table: ActionTable) -> None:
    """Print how the file is read: each action, and each unreadable cell."""
    for action in table.actions:
        due = describe_due((action.due_on, action.timetable, action.every_months))
        click.echo(f"{action.number or '-'}\t{due}\t{action.owner_name}\t{action.title}")
    for role in table.missing:
        click.echo(f"No column for: {role}. Name it with --column {role}=NAME.", err=True)
    if table.unused:
        click.echo(f"Columns not used: {', '.join(table.unused)}.", err=True)
    for bad in table.problems:
        said = f"“{bad.text}” cannot be read" if bad.text else "is empty"
        click.echo(f"Line {bad.line}, {bad.column}: {said}.", err=True)
