"""`consult invite`: how the first people of an installation get their roles; `consult role`: how they lose them."""

from __future__ import annotations

import click

from consult.accounts import people, service
from consult.cli.ready import application
from consult.core.access import Role
from consult.core.db import transaction
from consult.core.errors import Refusal
from consult.core.i18n import LANGUAGES
from consult.mail.rendering import link


@click.command("invite")
@click.argument("email")
@click.option(
    "--role", type=click.Choice([str(role) for role in Role]), default="contributor", show_default=True,
    help="What the account may do.",
)  # fmt: skip
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="en", show_default=True, help="Of the letter.")
def invite(email: str, role: str, language: str) -> None:
    """Invite EMAIL by letter, and print the link that is in it.

    Whoever opens the link within 14 days chooses a name and a password; an account that exists gets the role. One
    that has it already gets no letter.
    """
    with application(seals=True).app_context():
        try:
            with transaction() as session:
                known = service.find(session, email)
                had = known.role if known else None
                if had == role:
                    click.echo(f"This address has an account, and it is {role} already: no letter was written.")
                    return
                token = service.invite(session, email=email, role=Role(role), language=language)
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
        if had:
            said = f"This address has an account already, as {had}: opening the link signs in, and makes it {role}."
            click.echo(said, err=True)
        click.echo(link("accounts.join", token=token))


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
                account = service.find(session, email)
                if account is None:
                    raise click.ClickException("No account has this address: `consult invite` invites it.")
                had = account.role
                people.change_role(session, account, role=Role(role), by=None)
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
    click.echo(f"It is {role} already." if had == role else f"It was {had} and is {role} now.")
