"""`consult mail`: delivery reports, failed e-mails and blocked addresses."""

from __future__ import annotations

import click

from consult.cli.inbound import read
from consult.cli.schema_check import application
from consult.core.db import transaction
from consult.mail import dead_letters, suppression


@click.group("mail")
def mail() -> None:
    """Manage failed e-mails and blocked addresses."""


mail.add_command(read, "bounce")  # the name until December 2026


@mail.command("dead")
def dead() -> None:
    """List failed e-mails: number, kind, recipient's host, time written, last error."""
    with application(seals=True).app_context(), transaction() as session:
        after, lines = "", 0
        while True:
            page = dead_letters.list_dead_letters(session, after=after)
            for row in page.items:
                click.echo(f"{row.id}\t{row.kind}\t{row.host}\t{row.written_at:%Y-%m-%d %H:%M}\t{row.reason}")
            lines += len(page.items)
            if not (after := page.next_cursor or ""):
                break
    click.echo(f"{lines} failed." if lines else "No failed e-mails.", err=True)


@mail.command("resend")
@click.argument("numbers", nargs=-1, type=int)
@click.option("--all", "every", is_flag=True, help="All failed e-mails.")
def resend(numbers: tuple[int, ...], every: bool) -> None:
    """Send the failed e-mails with these NUMBERS again, with the same Message-ID."""
    if bool(numbers) is every:
        raise click.UsageError("Give numbers from `consult mail dead`, or --all.")
    with application().app_context(), transaction() as session:
        sent = dead_letters.send_again(session, letter_ids=None if every else numbers)
    click.echo(f"{sent} queued to be sent again.{_explain_unknown(numbers, sent)}")


@mail.command("end")
@click.argument("numbers", nargs=-1, type=int, required=True)
def end(numbers: tuple[int, ...]) -> None:
    """Delete the text and addresses of failed e-mails, so that they are not sent."""
    with application().app_context(), transaction() as session:
        ended = dead_letters.end_letters(session, letter_ids=numbers)
    click.echo(f"{ended} deleted.{_explain_unknown(numbers, ended)}")


def _explain_unknown(numbers: tuple[int, ...], done: int) -> str:
    others = len(set(numbers)) - done
    return f" {others} of these numbers are not failed e-mails. See `consult mail dead`." if others > 0 else ""


@mail.command("address")
@click.argument("address")
def address(address: str) -> None:
    """Show whether we send e-mails to ADDRESS."""
    with application(seals=True).app_context(), transaction() as session:
        found = suppression.get_closed_address(session, address)
    if found is None:
        click.echo("We send e-mails to this address.")
    else:
        click.echo(f"Blocked since {found.at:%Y-%m-%d}: {found.reason}. E-mails not sent: {found.unsent}.")


@mail.command("open")
@click.argument("address")
def open_address(address: str) -> None:
    """Send e-mails to ADDRESS again after it was blocked."""
    with application(seals=True).app_context(), transaction() as session:
        opened = suppression.reopen(session, address)
    click.echo("We send e-mails to this address again." if opened else "This address was not blocked.")
