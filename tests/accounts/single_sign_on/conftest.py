"""A provider, and this site as its client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from consult.accounts.single_sign_on import discovery, providers
from consult.accounts.single_sign_on.model import SignOnProvider
from consult.accounts.single_sign_on.providers import ProviderDetails
from consult.core.web.access import Role
from tests.accounts.single_sign_on.provider import CLIENT, SECRET, Provider, serve


@pytest.fixture
def provider(app: Flask) -> Iterator[Provider]:
    discovery.forget()
    providers.forget_buttons()
    with serve() as made:
        yield made
    discovery.forget()
    providers.forget_buttons()


@pytest.fixture
def row(session: Session, provider: Provider) -> SignOnProvider:
    """The provider as it is set up here: of ministry.example, with two roles by claim."""
    details = ProviderDetails(
        name="Ministry",
        issuer=provider.issuer,
        client_id=CLIENT,
        secret=SECRET,
        domains=["ministry.example"],
        claim="groups",
        roles={"mods": Role.MODERATOR, "policy": Role.POLICYMAKER},
    )
    made = providers.add(session, "ministry", details, by=None)
    session.commit()
    return made
