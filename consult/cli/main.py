"""`consult`: the command group."""

from __future__ import annotations

import os
from importlib import import_module

import click
from sqlalchemy.exc import OperationalError

from consult.cli import environment
from consult.cli.digest import digest
from consult.cli.importing import import_group
from consult.cli.operating import audit, migrate_command
from consult.cli.people import invite
from consult.cli.run import clock, web, worker
from consult.cli.up import up

_STARTS_ITSELF = {"up", "web", "worker", "clock"}
_LATER = {"analyse": "consult.cli.analyse"}
"""Loaded when asked for: it needs numpy, whose memory and threads no process that forks should have."""


class Commands(click.Group):
    """The commands; where one finds no database, one sentence says what to do."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_LATER])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if module := _LATER.get(cmd_name):
            found: click.Command = getattr(import_module(module), cmd_name)
            return found
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        named = bool(os.environ.get("CONSULT_DATABASE_URL"))
        try:
            return super().invoke(ctx)
        except OperationalError as error:
            if named or ctx.invoked_subcommand in _STARTS_ITSELF:
                said = f"The database does not answer: {str(error.orig).strip().splitlines()[0]}"
            else:
                said = (
                    f"No Consult runs on the data in {environment.data_dir()}: start it with `consult up`, or name its "
                    "folder in CONSULT_DATA_DIR, or a database in CONSULT_DATABASE_URL."
                )
            raise click.ClickException(said) from error


@click.group(cls=Commands)
@click.version_option(package_name="consult")
@click.pass_context
def main(context: click.Context) -> None:
    """Consult: file comments on a draft policy, review them, send the digest."""
    if context.invoked_subcommand not in _STARTS_ITSELF:
        environment.adopt()


for command in (up, web, worker, clock, migrate_command, audit, import_group, invite, digest):
    main.add_command(command)
