"""`consult audit`: everything against the ledger."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy import select

from consult.audit import books, chain, service
from consult.audit.findings import Finding
from consult.cli.schema_check import application
from consult.consultations.model import Consultation
from consult.core.db import transaction
from consult.submissions.queries import Books

_SHOWN = 100
"""How many findings are written out; `--json` has them all."""


class _Head(click.ParamType[tuple[int, bytes]]):
    name = "NUMBER:SHA256"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, bytes]:
        if not re.fullmatch(r"\d{1,18}:[0-9a-f]{64}", str(value)):
            self.fail("Give it as it was written down, such as 312:9f86d081…, with 64 letters and digits.", param, ctx)
        number, _colon, digest = str(value).partition(":")
        return int(number), bytes.fromhex(digest)


@click.command("audit")
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON.")
@click.option("--head", type=_Head(), help="A head that was written down: is the ledger still the one it is of?")
def audit(as_json: bool, head: tuple[int, bytes] | None) -> None:
    """Compare everything with the ledger: contents, books, numbers, hashes; exit 1 on any difference."""
    with application().app_context():
        findings = [found for check in service.CHECKS for found in _run(check)]
        with transaction() as session:
            if head is not None:
                findings += chain.check_remembered(session, number=head[0], digest=head[1])
            entries, digest = chain.compute_head(session)
            rows = session.scalars(select(Consultation).order_by(Consultation.id)).all()
            counted = {row.slug: books.count_by_ledger(session, row.id) for row in rows}
    if as_json:
        click.echo(json.dumps(_report(findings, counted, entries, digest), ensure_ascii=False, indent=1))
    else:
        _print(findings, counted, entries, digest)
    sys.exit(1 if findings else 0)


def _run(check: service.Check) -> list[Finding]:
    """All rounds of a check, each step in a transaction of its own."""
    found, after = [], 0
    while True:
        with transaction() as session:
            here, reached = service.run_step(session, check, after)
        found += here
        if reached is None:
            return found
        after = reached


def _report(findings: Sequence[Finding], counted: dict[str, Books], entries: int, digest: bytes) -> dict[str, Any]:
    return {
        "agrees": not findings,
        "books": {slug: vars(of) for slug, of in counted.items()},
        "ledger": {"entries": entries, "sha256": None if _is_broken(findings) else digest.hex()},
        "findings": [
            {"code": one.code, "about": one.about, "detail": dict(one.detail), "sentence": one.sentence}
            for one in findings
        ],
    }


def _is_broken(findings: Sequence[Finding]) -> bool:
    """Whether the ledger itself is not the one that its hashes are of."""
    return any(one.code in ("gap", "chain", "tail", "remembered") for one in findings)


def _print(findings: Sequence[Finding], counted: dict[str, Books], entries: int, digest: bytes) -> None:
    if not counted:
        click.echo("There is no consultation yet.")
    for slug, of in counted.items():
        click.echo(
            f"{slug}: received {of.received} = published {of.published} + withheld {of.withheld}"
            f" + withdrawn {of.withdrawn} + erased {of.erased} + pending {of.pending}"
        )
    if entries:
        head = "" if _is_broken(findings) else f" Head {entries}:{digest.hex()}"
        click.echo(f"Ledger: {entries} entries.{head}")
    for one in findings[:_SHOWN]:
        click.echo(one.sentence)
    if len(findings) > _SHOWN:
        click.echo(f"… and {len(findings) - _SHOWN} more: see consult audit --json.")
    if findings:
        click.echo(f"{len(findings)} {'thing does' if len(findings) == 1 else 'things do'} not agree with the ledger.")
    elif entries:
        click.echo("Everything agrees with the ledger.")
