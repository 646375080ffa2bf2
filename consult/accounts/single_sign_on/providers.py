"""Providers of single sign-on: add, list, change, remove. Used by administrators on a page or on the command line."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.single_sign_on import discovery
from consult.accounts.single_sign_on.model import SignOnIdentity, SignOnProvider
from consult.core.clock import now
from consult.core.crypto import pseudonym, seal
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import one_line
from consult.core.web.access import Role
from consult.core.web.remote_hosts import is_safe_address
from consult.ledger import service as ledger
from consult.ledger.model import Kind

GRANTED = (Role.MODERATOR, Role.POLICYMAKER)
"""Roles that a claim may grant. Never administrator."""
_BUTTONS_SECONDS = 30.0
_KEY = "buttons"
_buttons: dict[str, tuple[float, list[ProviderButton]]] = {}
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


@dataclass(frozen=True)
class ProviderDetails:
    """Settings of a provider. `secret`: None keeps the stored one; an empty string is a public client."""

    name: str
    issuer: str
    client_id: str
    secret: str | None = None
    domains: Sequence[str] = ()
    claim: str = ""
    roles: Mapping[str, Role] = field(default_factory=dict)
    own_factor: bool = False


def list_providers(session: Session) -> Sequence[SignOnProvider]:
    """Return all providers, ordered by name."""
    return session.scalars(select(SignOnProvider).order_by(SignOnProvider.name, SignOnProvider.id)).all()


@dataclass(frozen=True)
class ProviderButton:
    """A provider on the sign-in page."""

    slug: str
    name: str


def list_buttons(session: Session) -> Sequence[ProviderButton]:
    """Return the providers for the sign-in page, cached for 30 seconds so that the page needs no query."""
    at, buttons = _buttons.get(_KEY, (0.0, []))
    if _KEY not in _buttons or time.monotonic() - at > _BUTTONS_SECONDS:
        rows = session.execute(select(SignOnProvider.slug, SignOnProvider.name).order_by(SignOnProvider.name))
        buttons = [ProviderButton(*row) for row in rows]
        _buttons[_KEY] = (time.monotonic(), buttons)
    return buttons


def forget_buttons() -> None:
    """Clear the cache of providers for the sign-in page."""
    _buttons.clear()


def count_identities(session: Session) -> dict[int, int]:
    """Return the number of linked accounts by provider ID."""
    rows = session.execute(select(SignOnIdentity.provider_id, func.count()).group_by(SignOnIdentity.provider_id))
    return {row[0]: row[1] for row in rows}


def get_provider(session: Session, slug: str) -> SignOnProvider:
    """Return the provider with this slug. Raises NotFound."""
    row = session.scalar(select(SignOnProvider).where(SignOnProvider.slug == slug))
    if row is None:
        raise NotFound(_("We cannot find this single sign-on provider."))
    return row


def add(session: Session, slug: str, details: ProviderDetails, *, by: Account | None) -> SignOnProvider:
    """Add a provider after checking that it responds. `by` is None on the command line. Raises Refusal."""
    if not _SLUG.fullmatch(slug):
        raise Refusal(
            _("Use 2 to 40 lower-case characters (a–z), digits and hyphens. Start with a–z or a digit."), field="slug"
        )
    taken = select(SignOnProvider.id)
    if session.scalar(taken.where(SignOnProvider.slug == slug)) is not None:
        raise Refusal(_("Another provider has this short name. Choose another."), field="slug")
    if session.scalar(taken.where(SignOnProvider.issuer == details.issuer)) is not None:
        raise Refusal(_("This provider is already set up."), field="issuer")
    row = SignOnProvider(slug=slug, added_at=now(), secret_sealed=None)
    _set(row, details)
    session.add(row)
    session.flush()
    _record(session, Kind.PROVIDER_ADDED, row, by)
    return row


def change(session: Session, row: SignOnProvider, details: ProviderDetails, *, by: Account | None) -> None:
    """Replace the settings. Raises Refusal for another issuer, because its identities would be different ones."""
    if details.issuer != row.issuer:
        raise Refusal(
            _("You cannot change the web address of a provider. Add the new provider, then remove this one."),
            field="issuer",
        )
    _set(row, details)
    _record(session, Kind.PROVIDER_CHANGED, row, by)
    session.flush()


def remove(session: Session, row: SignOnProvider, *, by: Account | None) -> None:
    """Delete the provider with its links, and end the sessions that came from it. Roles that it granted stay."""
    _record(session, Kind.PROVIDER_REMOVED, row, by)
    session.delete(row)
    session.flush()


def _set(row: SignOnProvider, details: ProviderDetails) -> None:
    if not is_safe_address(details.issuer):
        raise Refusal(_("Enter the web address of the provider (issuer). It must start with https."), field="issuer")
    discovery.forget()
    try:
        discovery.discover(details.issuer)
    except Refusal as refusal:
        raise Refusal(refusal.message, field="issuer") from refusal
    if any(role not in GRANTED for role in details.roles.values()):
        raise Refusal(
            _("A claim cannot make someone an administrator. Give that role on the People page."), field="roles"
        )
    domains = [domain.strip().casefold() for domain in details.domains if domain.strip()]
    if wrong := next((domain for domain in domains if not _DOMAIN.fullmatch(domain)), None):
        raise Refusal(
            _("%(domain)s is not a domain. Enter one such as ministry.example.org.", domain=wrong), field="domains"
        )
    row.name, row.issuer, row.client_id = one_line(details.name)[:80], details.issuer, details.client_id
    row.domains, row.own_factor = domains, details.own_factor
    row.claim, row.roles = one_line(details.claim)[:80], {key: str(role) for key, role in details.roles.items()}
    if details.secret is not None:
        row.secret_sealed = seal(details.secret) if details.secret else None


def _record(session: Session, kind: Kind, row: SignOnProvider, by: Account | None) -> None:
    actor = pseudonym("account", by.id) if by else None
    forget_buttons()
    ledger.record(session, kind, subject_id=row.id, actor=actor, detail={"name": row.name})
