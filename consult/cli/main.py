"""`consult`: the command group."""

from __future__ import annotations

import click

from consult.cli.operating import audit, migrate_command


@click.group()
@click.version_option(package_name="consult")
def main() -> None:
    """Consult: file comments on a draft policy, review them, send the digest."""


for command in (migrate_command, audit):
    main.add_command(command)
