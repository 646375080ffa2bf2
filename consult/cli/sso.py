"""`consult sso`: providers of single sign-on."""

from __future__ import annotations

import sys

import click

from consult.accounts.single_sign_on import providers
from consult.accounts.single_sign_on.providers import ProviderDetails
from consult.cli.schema_check import application
from consult.core.db import transaction
from consult.core.errors import Refusal
from consult.core.web.access import Role
from consult.core.web.addresses import public_url


@click.group()
def sso() -> None:
    """Manage single sign-on providers (OpenID Connect)."""


@sso.command("add")
@click.argument("slug")
@click.argument("issuer")
@click.argument("client_id")
@click.option("--name", help="Name on the sign-in button. Default: the short name.")
@click.option("--public", is_flag=True, help="A client without a secret. Default: you are asked for the secret.")
@click.option(
    "--domain",
    "domains",
    multiple=True,
    help="An e-mail domain that belongs to the provider. You can repeat this option.",
)
@click.option("--claim", default="", help="Claim that roles are read from, such as groups.")
@click.option(
    "--role", "roles", multiple=True, help="VALUE=moderator or VALUE=policymaker. You can repeat this option."
)
@click.option("--own-factor", is_flag=True, help="The provider does two-step verification itself.")
def add(
    slug: str,
    issuer: str,
    client_id: str,
    name: str | None,
    public: bool,
    domains: tuple[str, ...],
    claim: str,
    roles: tuple[str, ...],
    own_factor: bool,
) -> None:
    """Add the provider at ISSUER under the short name SLUG. The provider knows this site as CLIENT_ID.

    The secret is read from standard input, so that no list of processes shows it.
    """
    secret = "" if public else _read_secret()
    if not public and not secret:
        raise click.ClickException("Enter the client secret, or use --public for a client without one.")
    details = ProviderDetails(
        name or slug, issuer, client_id, secret, domains, claim, dict(map(_parse_role, roles)), own_factor
    )
    with application(seals=True).app_context():
        try:
            with transaction() as session:
                providers.add(session, slug, details, by=None)
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
        click.echo(f"Added. Redirect address:  {public_url('accounts.end_sign_on', slug=slug)}")
        click.echo(f"Back-channel logout:      {public_url('accounts.sign_out_by_provider', slug=slug)}")


@sso.command("list")
def list_providers() -> None:
    """List providers: short name, web address, number of linked accounts."""
    with application().app_context(), transaction() as session:
        linked = providers.count_identities(session)
        for row in providers.list_providers(session):
            click.echo(f"{row.slug}\t{row.issuer}\t{linked.get(row.id, 0)}")


@sso.command("remove")
@click.argument("slug")
def remove(slug: str) -> None:
    """Remove the provider SLUG. Sessions started through it end."""
    with application().app_context():
        try:
            with transaction() as session:
                providers.remove(session, providers.get_provider(session, slug), by=None)
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal
    click.echo("Removed.")


def _read_secret() -> str:
    """Read the secret from a prompt without echo, or from a pipe."""
    if sys.stdin.isatty():
        return str(click.prompt("Client secret", hide_input=True, default="", show_default=False))
    return sys.stdin.readline().rstrip("\n")


def _parse_role(text: str) -> tuple[str, Role]:
    value, _sign, role = text.rpartition("=")
    if not value or role not in [str(one) for one in providers.GRANTED]:
        raise click.BadParameter(f"{text}: must be VALUE=moderator or VALUE=policymaker", param_hint="--role")
    return value, Role(role)
