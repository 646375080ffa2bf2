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
    "--language",
    type=click.Choice(list(LANGUAGES)),
    default=DEFAULT_LANGUAGE,
    show_default=True,
    help="Language of the e-mail.",
)
@click.option("--by", "inviter", help="E-mail address of the account whose name the invitation shows.")
def invite(email: str, role: str, language: str, inviter: str | None) -> None:
    """Send an invitation to EMAIL and print its link.

    The person opens the link within 14 days and chooses a name and a password. An existing account gets the role. An
    account that already has the role gets no e-mail.
    """
    with application(seals=True).app_context():
        try:
            with transaction() as session:
                known = service.find_by_email(session, email)
                had = known.role if known else None
                if had == role:
                    click.echo(f"This address already has an account with the role {role}. No e-mail was sent.")
                    return
                by = service.find_by_email(session, inviter) if inviter else None
                if inviter and by is None:
                    raise click.ClickException("No account has the address given with --by.")
                token = service.invite(session, email=email, role=Role(role), language=language, by=by)
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
        if had:
            said = f"This address has an account ({had}). Opening the link signs in and changes the role to {role}."
            click.echo(said, err=True)
        click.echo(public_url("accounts.join", token=token))


@click.command("reset-second-step")
@click.argument("email")
def reset_second_step(email: str) -> None:
    """Turn off two-step verification for EMAIL.

    Use this if a phone or passkey is lost. First check who is asking. The account's sessions end, and we
    e-mail its owner.
    """
    with application(seals=True).app_context(), transaction() as session:
        account = service.find_by_email(session, email)
        if account is None:
            raise click.ClickException("No account has this e-mail address.")
        had = account.factor_since is not None
        recovery.reset(session, account, by=None)
    click.echo("Two-step verification is off." if had else "Two-step verification was not on.")


@click.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice([str(role) for role in Role]))
def role_command(email: str, role: str) -> None:
    """Change the role of EMAIL to ROLE.

    The role contributor removes all other rights. The account's sessions end, and we e-mail its owner.
    """
    with application(seals=True).app_context():
        try:
            with transaction() as session:
                account = service.find_by_email(session, email)
                if account is None:
                    raise click.ClickException("No account has this e-mail address. Use `consult invite` first.")
                had = account.role
                staff.change_role(session, account, role=Role(role), by=None)
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
    click.echo(f"The role is already {role}." if had == role else f"Role changed from {had} to {role}.")
