"""`consult`: the command group."""

from __future__ import annotations

import click

from consult.cli import environment
from consult.cli.digest import digest
from consult.cli.importing import import_group
from consult.cli.operating import audit, migrate_command
from consult.cli.people import invite
from consult.cli.run import clock, web, worker
from consult.cli.up import up

_STARTS_ITSELF = {"up", "web", "worker", "clock"}


@click.group()
@click.version_option(package_name="consult")
@click.pass_context
def main(context: click.Context) -> None:
    """Consult: file comments on a draft policy, review them, send the digest."""
    if context.invoked_subcommand not in _STARTS_ITSELF:
        environment.adopt()


for command in (up, web, worker, clock, migrate_command, audit, import_group, invite, digest):
    main.add_command(command)
