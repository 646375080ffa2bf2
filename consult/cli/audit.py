"""`consult audit`: check stored data against the ledger."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
from flask import Flask
from sqlalchemy import select

from consult.audit import books, chain, service
from consult.audit.findings import Finding
from consult.audit.guard import Check
from consult.cli.schema_check import application
from consult.consultations.model import Consultation
from consult.core.db import transaction
from consult.ledger import seals
from consult.ledger import service as ledger
from consult.submissions.queries import Books

_SHOWN = 100
"""The number of findings shown. `--json` shows all."""


Head = tuple[int, bytes]
"""The number of entries of the ledger and the hash of all of them."""


class HeadType(click.ParamType[Head]):
    name = "NUMBER:SHA256"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, bytes]:
        if not re.fullmatch(r"\d{1,18}:[0-9a-f]{64}", str(value)):
            self.fail("must be a number and a SHA-256 of 64 characters, such as 312:9f86d081….", param, ctx)
        number, _colon, digest = str(value).partition(":")
        return int(number), bytes.fromhex(digest)


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="Write the full result as JSON.")
@click.option(
    "--head",
    type=HeadType(),
    help="Number and hash of an entry that you noted earlier, to check that they still match.",
)
def audit(as_json: bool, head: Head | None) -> None:
    """Check stored data against the public record.

    Compares contents, counts, numbers and hashes. The exit status is 1 if anything differs.
    """
    sys.exit(0 if audit_site(application(), head=head, as_json=as_json) else 1)


def audit_site(app: Flask, *, head: Head | None = None, as_json: bool = False) -> bool:
    """Run all checks, print the result and return True if no check found a difference."""
    with app.app_context():
        findings = [found for check in service.CHECKS for found in _run(check)]
        with transaction() as session:
            if head is not None:
                findings += chain.check_remembered(session, number=head[0], digest=head[1])
            entries = ledger.head(session) - 1
            digest = "" if _is_broken(findings) else chain.compute_head(session)[1].hex()
            rows = session.execute(select(Consultation.id, Consultation.slug).order_by(Consultation.id)).all()
            waiting, sealed_on = seals.count_waiting(session), seals.get_first_day(session)
            counted = {row.slug: books.count_by_ledger(session, row.id) for row in rows}
    if as_json:
        report = _report(findings, counted, entries, digest)
        report["seals"] = {"waiting": waiting, "older_rows_sealed_on": sealed_on and str(sealed_on.date())}
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        _print_seals(waiting, sealed_on)
        _print(findings, counted, entries, digest)
    return not findings


def _run(check: Check) -> list[Finding]:
    """Run a whole round of a check, with a transaction for each step."""
    found, after = [], 0
    while True:
        with transaction() as session:
            here, reached = service.run_step(session, check, after)
        found += here
        if reached is None:
            return found
        after = reached


def _report(findings: Sequence[Finding], counted: dict[str, Books], entries: int, digest: str) -> dict[str, Any]:
    return {
        "agrees": not findings,
        "books": {slug: vars(of) for slug, of in counted.items()},
        "ledger": {"entries": entries, "sha256": digest or None},
        "findings": [
            {"code": finding.code, "about": finding.about, "detail": dict(finding.detail), "sentence": finding.sentence}
            for finding in findings
        ],
    }


def _is_broken(findings: Sequence[Finding]) -> bool:
    """Return True if the public record does not match its own hashes."""
    broken = ("gap", "chain", "tail", "remembered")
    return any(
        finding.code in broken or (finding.code, finding.about) == ("check_stopped", "ledger") for finding in findings
    )


def _print_seals(waiting: int, sealed_on: datetime | None) -> None:
    """Print from when on changes of rows can be detected, if some rows are older than seals."""
    if waiting:
        click.echo(
            f"{waiting} public rows are from before an upgrade and not sealed yet. The scheduler seals them within "
            "minutes. Changes of them are found from then on."
        )
    elif sealed_on:
        click.echo(
            f"Rows from before {sealed_on:%d %B %Y} were sealed on that day. Changes of them are found from then on."
        )


def _print(findings: Sequence[Finding], counted: dict[str, Books], entries: int, digest: str) -> None:
    if not counted:
        click.echo("No consultations yet.")
    for slug, of in counted.items():
        click.echo(
            f"{slug}: received {of.received} = published {of.published} + not published {of.withheld}"
            f" + withdrawn {of.withdrawn} + erased {of.erased} + pending {of.pending}"
        )
    if entries:
        head = f" Head {entries}:{digest}" if digest else ""
        click.echo(f"Public record: {entries} entries.{head}")
    for finding in findings[:_SHOWN]:
        click.echo(finding.sentence)
    if len(findings) > _SHOWN:
        click.echo(f"… and {len(findings) - _SHOWN} more. See consult audit --json.")
    if findings:
        click.echo(f"{len(findings)} {'difference' if len(findings) == 1 else 'differences'} from the public record.")
    elif entries:
        click.echo("All data match the public record.")
