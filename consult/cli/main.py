"""`consult`: the command group."""

from __future__ import annotations

from importlib import import_module

import click

from consult.cli.processes import environment
from consult.core.secret_files import is_given

_STARTS_ITSELF = {"up", "web", "worker", "clock"}
_COMMANDS = {
    "analyse": "analyse:analyse",
    "audit": "audit:audit",
    "backup": "maintenance.backup:backup",
    "clock": "processes.run:clock",
    "countries": "imports.countries:countries",
    "digest": "digest:digest",
    "doctor": "maintenance.doctor:doctor",
    "draft": "draft:draft",
    "import": "import_comments:import_group",
    "inbound": "inbound:inbound",
    "mail": "mail:mail",
    "invite": "people:invite",
    "metrics": "maintenance.metrics:metrics",
    "migrate": "operations:migrate_command",
    "plan": "plan:plan",
    "recommendations": "imports.recommendations:recommendations",
    "repair": "repair:repair",
    "reset-second-step": "people:reset_second_step",
    "restore": "maintenance.restore:restore",
    "role": "people:role_command",
    "signals": "imports.samples:signals",
    "sso": "sso:sso",
    "taxonomy": "taxonomy:taxonomy",
    "up": "processes.up:up",
    "web": "processes.run:web",
    "worker": "processes.run:worker",
}
"""The module of each command.

Commands are loaded on demand, so that none waits for what another needs, and forking processes do not hold numpy's
memory and threads.
"""


class LazyCommands(click.Group):
    """The command group. A missing database or an invalid setting ends a command with advice on what to do."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"consult.cli.{module}"), name)
        return found

    def invoke(self, ctx: click.Context) -> object:
        named = is_given("database_url")
        try:
            return super().invoke(ctx)
        except Exception as error:
            if _is_named(error, "consult.core.settings.SettingsError"):
                raise click.ClickException(str(error)) from error
            if _is_named(error, "consult.core.crypto.UnsealError"):
                raise click.ClickException(f"{error} It was encrypted with another key, or it is damaged.") from error
            if not _is_named(error, "sqlalchemy.exc.OperationalError"):
                raise
            if named or ctx.invoked_subcommand in _STARTS_ITSELF:
                said = f"The database does not answer: {str(getattr(error, 'orig', error)).strip().splitlines()[0]}"
            else:
                said = (
                    f"Consult is not running on the data in {environment.data_dir()}. Start it with `consult up`, or "
                    "set CONSULT_DATA_DIR to its folder, or set CONSULT_DATABASE_URL."
                )
            raise click.ClickException(said) from error


def _is_named(error: Exception, *names: str) -> bool:
    """Return True if the error is one of these exceptions.

    They are compared by name, because importing them takes longer than some commands.
    """
    return any(f"{kind.__module__}.{kind.__name__}" in names for kind in type(error).mro())


@click.group(cls=LazyCommands)
@click.version_option(package_name="consult")
@click.pass_context
def main(context: click.Context) -> None:
    """Consult: public consultations on draft policies."""
    if context.invoked_subcommand not in _STARTS_ITSELF:
        environment.adopt_environment()
