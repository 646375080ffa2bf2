"""`consult mail`: bounce reports, dead letters and suppressed addresses."""

from __future__ import annotations

import email
import email.policy
import mailbox
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy.orm import Session

from consult.cli.schema_check import application
from consult.core.db import transaction
from consult.core.errors import NotFound
from consult.core.web.requests import settings
from consult.digests.delivery import service as delivery
from consult.mail import bounces, dead_letters, suppression
from consult.mail.bounces import BounceOutcome
from consult.signals.inbound import letters
from consult.signals.inbound.letters import MailedReport

_UNSUBSCRIBE = re.compile(r"unsubscribe\s+([a-z0-9-]{8,80})", re.IGNORECASE)
_LARGEST = 5_000_000


@click.group("mail")
def mail() -> None:
    """Read what comes back by mail; send letters again; open addresses."""


@mail.command("bounce")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--maildir", type=click.Path(exists=True, file_okay=False), help="Read what is new in a Maildir.")
def bounce(files: tuple[str, ...], maildir: str | None) -> None:
    """Read delivery reports (RFC 3464) from FILES, from standard input (-), or from a Maildir.

    An address that mail servers call none twice, a day or more apart, is not written to again until its owner or an
    administrator opens it; the delivery page says why. A letter whose subject is "unsubscribe" and the word from the
    foot of a digest ends that digest. With CONSULT_SIGNALS_MAILBOX set, a letter of a member to the address of their
    organisation is answered with a link, to check the report in it and send it. Anything else is left alone.
    """
    counted: dict[str, int] = {}
    with application().app_context():
        for raw in _messages(files or (() if maildir else ("-",)), maildir):
            with transaction() as session:
                said = _accept_report(session, raw)
            counted[said] = counted.get(said, 0) + 1
    click.echo(", ".join(f"{n} {name}" for name, n in sorted(counted.items())) or "Nothing to read.")


@mail.command("dead")
def dead() -> None:
    """List letters that were given up: number, what it is, the host it is to, when it was written, the last fault."""
    with application(seals=True).app_context(), transaction() as session:
        after, lines = "", 0
        while True:
            page = dead_letters.list_dead_letters(session, after=after)
            for row in page.items:
                click.echo(f"{row.id}\t{row.kind}\t{row.host}\t{row.written_at:%Y-%m-%d %H:%M}\t{row.reason}")
            lines += len(page.items)
            if not (after := page.next_cursor or ""):
                break
    click.echo(f"{lines} given up." if lines else "No letter was given up.", err=True)


@mail.command("resend")
@click.argument("numbers", nargs=-1, type=int)
@click.option("--all", "every", is_flag=True, help="All that were given up.")
def resend(numbers: tuple[int, ...], every: bool) -> None:
    """Send letters with these NUMBERS again that were given up, with the same Message-ID."""
    if bool(numbers) is every:
        raise click.UsageError("Give numbers, as `consult mail dead` lists them, or --all.")
    with application().app_context(), transaction() as session:
        sent = dead_letters.send_again(session, letter_ids=None if every else numbers)
    click.echo(f"{sent} to be sent again.{_explain_unknown(numbers, sent)}")


@mail.command("end")
@click.argument("numbers", nargs=-1, type=int, required=True)
def end(numbers: tuple[int, ...]) -> None:
    """Delete the words and the addresses of letters that were given up: they are never sent."""
    with application().app_context(), transaction() as session:
        ended = dead_letters.end_letters(session, letter_ids=numbers)
    click.echo(f"{ended} ended.{_explain_unknown(numbers, ended)}")


def _explain_unknown(numbers: tuple[int, ...], done: int) -> str:
    others = len(set(numbers)) - done
    return f" {others} of these numbers are not given up: see `consult mail dead`." if others > 0 else ""


@mail.command("address")
@click.argument("address")
def address(address: str) -> None:
    """Say whether letters are sent to ADDRESS."""
    with application(seals=True).app_context(), transaction() as session:
        found = suppression.get_closed_address(session, address)
    if found is None:
        click.echo("Letters are sent to this address.")
    else:
        click.echo(
            f"Nothing has been sent since {found.at:%Y-%m-%d}: {found.reason}. Letters not sent: {found.unsent}."
        )


@mail.command("open")
@click.argument("address")
def open_address(address: str) -> None:
    """Send letters to ADDRESS again, to which they came back."""
    with application(seals=True).app_context(), transaction() as session:
        opened = suppression.reopen(session, address)
    click.echo("Letters are sent to this address again." if opened else "Letters were sent to this address already.")


def _messages(files: tuple[str, ...], maildir: str | None) -> Iterator[bytes]:
    for name in files:
        yield sys.stdin.buffer.read(_LARGEST) if name == "-" else Path(name).read_bytes()[:_LARGEST]
    if maildir:
        box = mailbox.Maildir(maildir, create=False)
        for key in sorted(box.keys()):
            if box.get_message(key).get_subdir() == "new":
                yield box.get_bytes(key)[:_LARGEST]
                seen = box.get_message(key)
                seen.set_subdir("cur")
                seen.add_flag("S")
                box[key] = seen


def _accept_report(session: Session, raw: bytes) -> str:
    outcome = bounces.accept_report(session, raw)
    if outcome is not BounceOutcome.NO_REPORT:
        return str(outcome)
    if settings().signals_mailbox and (letter := letters.accept_letter(session, raw)) is not MailedReport.OTHER:
        return str(letter)
    subject = str(email.message_from_bytes(raw, policy=email.policy.default).get("Subject", ""))
    found = _UNSUBSCRIBE.search(subject)
    if found is None:
        return "left alone"
    try:
        delivery.end_subscriptions(session, delivery.get_by_token(session, found.group(1).lower()))
    except NotFound:
        return "left alone"
    return "unsubscribed"
