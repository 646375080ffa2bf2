"""`consult`: the command group."""

from __future__ import annotations

import os
from importlib import import_module

import click

from consult.cli.processes import environment

_STARTS_ITSELF = {"up", "web", "worker", "clock"}
_COMMANDS = {
    "analyse": "analyse:analyse",
    "audit": "audit:audit",
    "clock": "processes.run:clock",
    "digest": "digest:digest",
    "import": "import_comments:import_group",
    "mail": "mail:mail",
    "invite": "people:invite",
    "migrate": "operations:migrate_command",
    "plan": "plan:plan",
    "repair": "repair:repair",
    "reset-second-step": "people:reset_second_step",
    "role": "people:role_command",
    "sso": "sso:sso",
    "taxonomy": "taxonomy:taxonomy",
    "up": "processes.up:up",
    "web": "processes.run:web",
    "worker": "processes.run:worker",
}
"""Where each command is. Loaded when asked for, so that none waits for what another needs, and no process that forks
has the memory and threads of numpy."""


class LazyCommands(click.Group):
    """The commands; where one finds no database, or a setting that cannot be, one sentence says what to do."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"consult.cli.{module}"), name)
        return found

    def invoke(self, ctx: click.Context) -> object:
        named = bool(os.environ.get("CONSULT_DATABASE_URL"))
        try:
            return super().invoke(ctx)
        except Exception as error:
            if _is_named(error, "consult.core.settings.SettingsError"):
                raise click.ClickException(str(error)) from error
            if _is_named(error, "consult.core.crypto.UnsealError"):
                raise click.ClickException(f"{error} It was sealed with another key, or is damaged.") from error
            if not _is_named(error, "sqlalchemy.exc.OperationalError"):
                raise
            if named or ctx.invoked_subcommand in _STARTS_ITSELF:
                said = f"The database does not answer: {str(getattr(error, 'orig', error)).strip().splitlines()[0]}"
            else:
                said = (
                    f"No Consult runs on the data in {environment.data_dir()}: start it with `consult up`, or name its "
                    "folder in CONSULT_DATA_DIR, or a database in CONSULT_DATABASE_URL."
                )
            raise click.ClickException(said) from error


def _is_named(error: Exception, *names: str) -> bool:
    """Whether it is one of these exceptions; by name, because to load them takes longer than some commands."""
    return any(f"{kind.__module__}.{kind.__name__}" in names for kind in type(error).mro())


@click.group(cls=LazyCommands)
@click.version_option(package_name="consult")
@click.pass_context
def main(context: click.Context) -> None:
    """Consult: file comments on a draft policy, review them, send the digest."""
    if context.invoked_subcommand not in _STARTS_ITSELF:
        environment.adopt_environment()
