"""`consult invite` and `consult role`: grant and revoke roles."""

from __future__ import annotations

import click

from consult.accounts import service, staff
from consult.accounts.second_factor import recovery
from consult.cli.schema_check import application
from consult.core.db import transaction
from consult.core.errors import Refusal
from consult.core.i18n import LANGUAGES
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.web.access import Role
from consult.core.web.addresses import public_url


@click.command("invite")
@click.argument("email")
@click.option(
    "--role",
    type=click.Choice([str(role) for role in Role]),
    default="contributor",
    show_default=True,
    help="What the account may do.",
)
@click.option(
    "--language", type=click.Choice(list(LANGUAGES)), default=DEFAULT_LANGUAGE, show_default=True, help="Of the letter."
)
@click.option("--by", "inviter", help="Address of the account in whose name the letter invites: people trust a name.")
def invite(email: str, role: str, language: str, inviter: str | None) -> None:
    """Invite EMAIL by letter, and print the link that is in it.

    Whoever opens the link within 14 days chooses a name and a password; an account that exists gets the role. One
    that has it already gets no letter.
    """
    with application(seals=True).app_context():
        try:
            with transaction() as session:
                known = service.find_by_email(session, email)
                had = known.role if known else None
                if had == role:
                    click.echo(f"This address has an account, and it is {role} already: no letter was written.")
                    return
                by = service.find_by_email(session, inviter) if inviter else None
                if inviter and by is None:
                    raise click.ClickException("No account has the address that --by gives.")
                token = service.invite(session, email=email, role=Role(role), language=language, by=by)
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
        if had:
            said = f"This address has an account already, as {had}: opening the link signs in, and makes it {role}."
            click.echo(said, err=True)
        click.echo(public_url("accounts.join", token=token))


@click.command("reset-second-step")
@click.argument("email")
def reset_second_step(email: str) -> None:
    """Take the second step away from the account of EMAIL, whose telephone or passkey is lost.

    First make sure who asks. Its sessions end, and it is told by letter.
    """
    with application(seals=True).app_context(), transaction() as session:
        account = service.find_by_email(session, email)
        if account is None:
            raise click.ClickException("No account has this address.")
        had = account.factor_since is not None
        recovery.reset(session, account, by=None)
    click.echo("Its second step is taken away." if had else "It had no second step.")


@click.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice([str(role) for role in Role]))
def role_command(email: str, role: str) -> None:
    """Give the account of EMAIL another ROLE; contributor takes every other away.

    Its sessions end, and it is told by letter.
    """
    with application(seals=True).app_context():
        try:
            with transaction() as session:
                account = service.find_by_email(session, email)
                if account is None:
                    raise click.ClickException("No account has this address: `consult invite` invites it.")
                had = account.role
                staff.change_role(session, account, role=Role(role), by=None)
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
    click.echo(f"It is {role} already." if had == role else f"It was {had} and is {role} now.")
