"""`consult mail`: takes in what comes back by mail: reports of letters that did not arrive, and unsubscriptions."""

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

from consult.cli.ready import application
from consult.core.db import transaction
from consult.core.errors import NotFound
from consult.digests import subscribing
from consult.mail import bounces
from consult.mail.bounces import Outcome

_UNSUBSCRIBE = re.compile(r"unsubscribe\s+([a-z0-9-]{8,80})", re.IGNORECASE)
_LARGEST = 5_000_000


@click.group("mail")
def mail() -> None:
    """Take in what comes back by mail."""


@mail.command("bounce")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--maildir", type=click.Path(exists=True, file_okay=False), help="Read what is new in a Maildir.")
def bounce(files: tuple[str, ...], maildir: str | None) -> None:
    """Read delivery reports (RFC 3464) from FILES, from standard input (-), or from a Maildir.

    An address that a mail server says is none is not written to again; the delivery page says why. A letter whose
    subject is "unsubscribe" and the word from the foot of a digest ends that digest. Anything else is left alone.
    """
    counted: dict[str, int] = {}
    with application().app_context():
        for raw in _messages(files or (() if maildir else ("-",)), maildir):
            with transaction() as session:
                said = _take(session, raw)
            counted[said] = counted.get(said, 0) + 1
    click.echo(", ".join(f"{n} {name}" for name, n in sorted(counted.items())) or "Nothing to read.")


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


def _take(session: Session, raw: bytes) -> str:
    outcome = bounces.accept(session, raw)
    if outcome is not Outcome.NO_REPORT:
        return str(outcome)
    subject = str(email.message_from_bytes(raw, policy=email.policy.default).get("Subject", ""))
    found = _UNSUBSCRIBE.search(subject)
    if found is None:
        return "left alone"
    try:
        subscribing.end_all(session, subscribing.by_token(session, found.group(1).lower()))
    except NotFound:
        return "left alone"
    return "unsubscribed"
