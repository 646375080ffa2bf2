"""`consult inbound`: read incoming e-mails, and handle unreadable ones."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from consult.cli.schema_check import application
from consult.core.db import transaction
from consult.gateway import readers
from consult.gateway import service as gateway
from consult.gateway.model import InboundChannel
from consult.gateway.service import MAX_SIZE, Envelope


@click.group("inbound")
def inbound() -> None:
    """Read incoming e-mails. List, retry or delete unreadable ones."""


@inbound.command("read")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--maildir", type=click.Path(exists=True, file_okay=False), help="Read the new e-mails of a Maildir.")
def read(files: tuple[str, ...], maildir: str | None) -> None:
    """Read e-mails from FILES, from standard input (-) or from a Maildir. Each one is read once.

    Delivery reports (RFC 3464): if mail servers say twice, a day or more apart, that an address does not exist, we
    block it until its owner or an administrator opens it again. The delivery page shows the reason. An e-mail with
    the subject "unsubscribe" and the word from the foot of a digest ends that subscription. If
    CONSULT_SIGNALS_MAILBOX is set, a member's e-mail to their report address is answered with a link to check and
    send the report. All other e-mails are left alone. An unreadable e-mail is kept: see `consult inbound aside`.
    """
    counted: dict[str, int] = {}
    with application().app_context():
        with transaction() as session:
            gateway.record_reading(session, InboundChannel.LETTER, polled=bool(maildir))
        for envelope, taken in _list_letters(files or (() if maildir else ("-",)), maildir):
            said = gateway.accept(envelope, readers.get_reader(envelope.channel), taken=taken)
            counted[said] = counted.get(said, 0) + 1
    click.echo(", ".join(f"{n} {name}" for name, n in sorted(counted.items())) or "Nothing to read.")


@inbound.command("aside")
def aside() -> None:
    """List unreadable e-mails: number, time of arrival, size in bytes, reason."""
    with application().app_context(), transaction() as session:
        rows = gateway.list_aside(session)
        for row in rows:
            click.echo(f"{row.id}\t{row.arrived_at:%Y-%m-%d %H:%M}\t{row.size}\t{row.reason}")
    click.echo(f"{len(rows)} unreadable." if rows else "No unreadable e-mails.", err=True)


@inbound.command("again")
@click.argument("numbers", nargs=-1, type=int)
@click.option("--all", "every", is_flag=True, help="All unreadable e-mails.")
def again(numbers: tuple[int, ...], every: bool) -> None:
    """Read the unreadable e-mails with these NUMBERS again, for example after an update."""
    if bool(numbers) is every:
        raise click.UsageError("Give numbers from `consult inbound aside`, or --all.")
    with application().app_context():
        if every:
            with transaction() as session:
                numbers = tuple(row.id for row in gateway.list_aside(session))
        for number in numbers:
            click.echo(f"{number}\t{gateway.read_again(number) or 'not found'}")


@inbound.command("drop")
@click.argument("numbers", nargs=-1, type=int, required=True)
def drop(numbers: tuple[int, ...]) -> None:
    """Delete the unreadable e-mails with these NUMBERS."""
    with application().app_context(), transaction() as session:
        click.echo(f"{gateway.drop(session, numbers)} deleted.")


def _list_letters(files: tuple[str, ...], maildir: str | None) -> Iterator[tuple[Envelope, Callable[[], object]]]:
    """Yield each e-mail with a function to call once it is recorded."""
    for name in files:
        content = sys.stdin.buffer.read(MAX_SIZE + 1) if name == "-" else _read_file(Path(name))
        yield Envelope(InboundChannel.LETTER, content, len(content)), lambda: None
    if maildir:
        yield from _list_new(Path(maildir))


def _list_new(maildir: Path) -> Iterator[tuple[Envelope, Callable[[], object]]]:
    """Yield new e-mails of a Maildir. One that cannot be opened is reported, stays new and does not stop the others."""
    if not (maildir / "new").is_dir() or not (maildir / "cur").is_dir():
        raise click.UsageError(f"{maildir} is not a Maildir. It has no folders `new` and `cur`.")
    for path in sorted((maildir / "new").iterdir()):
        try:
            content, size = _read_file(path), path.stat().st_size
        except FileNotFoundError:  # another process has taken the e-mail
            continue
        except OSError as error:
            click.echo(f"{path.name}: {error.strerror}", err=True)
            continue
        yield Envelope(InboundChannel.LETTER, content, size), partial(_move_to_cur, path)


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_SIZE + 1)


def _move_to_cur(path: Path) -> None:
    """Mark an e-mail of a Maildir as seen without opening it."""
    with suppress(FileNotFoundError):
        path.rename(path.parent.parent / "cur" / f"{path.name.partition(':')[0]}:2,S")
