"""`consult doctor`: check an installation, and say in plain sentences what to do."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

import click
from sqlalchemy.exc import OperationalError

from consult.cli.maintenance import network_checks, site_checks
from consult.cli.maintenance.findings import CheckOutcome, DoctorFinding
from consult.core.database import outages
from consult.core.secret_files import list_exposed_files
from consult.core.settings import Settings, SettingsError

_MARKS = {CheckOutcome.OK: "ok", CheckOutcome.PROBLEM: "problem", CheckOutcome.UNKNOWN: "not checked"}


def check_settings() -> tuple[Settings | None, list[DoctorFinding]]:
    """Return the settings, or None if they cannot be used, with the findings about them."""
    try:
        settings = Settings()
    except SettingsError as error:
        return None, [
            DoctorFinding("settings", CheckOutcome.PROBLEM, str(error), "Correct it: docs/settings.md lists all.")
        ]
    try:
        settings.require_production()
    except SettingsError as error:
        return settings, [DoctorFinding("settings", CheckOutcome.PROBLEM, str(error), "See docs/settings.md.")]
    exposed = [
        DoctorFinding("settings", CheckOutcome.PROBLEM, f"Other users can read {path}.", f"Run: chmod 600 {path}")
        for path in list_exposed_files()
    ]
    return settings, exposed or [DoctorFinding("settings", CheckOutcome.OK, "The settings are fit for production.")]


def run_checks(*, send_to: str | None = None, dkim: str | None = None) -> Iterator[DoctorFinding]:
    """Yield the findings of all checks. A check that needs a database is left out without one."""
    settings, findings = check_settings()
    yield from findings
    if settings is None:
        return
    try:
        yield from site_checks.check_database(settings)
    except OperationalError as error:
        reason = outages.server_message(error)
        yield DoctorFinding(
            "database",
            CheckOutcome.PROBLEM,
            f"The database does not answer: {reason}",
            "Start PostgreSQL, or correct CONSULT_DATABASE_URL.",
        )
    yield from site_checks.check_services(settings)
    yield from site_checks.check_folders(settings)
    yield from network_checks.check_mail(settings, send_to)
    yield from network_checks.check_domain(settings, dkim)
    yield from network_checks.check_proxy(settings)


def choose_exit_status(findings: list[DoctorFinding]) -> int:
    """Return 1 if there is a problem, else 2 if something could not be checked, else 0."""
    outcomes = {finding.outcome for finding in findings}
    return 1 if CheckOutcome.PROBLEM in outcomes else 2 if CheckOutcome.UNKNOWN in outcomes else 0


@click.command("doctor")
@click.option("--send", "send_to", metavar="ADDRESS", help="Also send a test e-mail to this address.")
@click.option("--dkim", metavar="SELECTOR", help="Also look up the DKIM key with this selector.")
@click.option("--json", "as_json", is_flag=True, help="Write the result as JSON.")
def doctor(send_to: str | None, dkim: str | None, as_json: bool) -> None:
    """Check this installation and explain how to fix problems.

    Checks the settings, database, migrations, queue, processes, file store, disk, system time, mail server, DNS records
    of the sender, and the reverse proxy. Changes nothing. The exit status is 1 if there is a problem, and 2 if
    something could not be checked.
    """
    findings = list(run_checks(send_to=send_to, dkim=dkim))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            click.echo(f"{_MARKS[finding.outcome]:12}{finding.check}: {finding.sentence}")
            if finding.remedy:
                click.echo(f"{'':12}→ {finding.remedy}")
    sys.exit(choose_exit_status(findings))
