"""Providers of single sign-on: add, list, change, remove. Administrators do it on a page or on the command line."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.single_sign_on import discovery
from consult.accounts.single_sign_on.fetch import is_safe_address
from consult.accounts.single_sign_on.model import SignOnIdentity, SignOnProvider
from consult.core.clock import now
from consult.core.crypto import pseudonym, seal
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import one_line
from consult.core.web.access import Role
from consult.ledger import service as ledger
from consult.ledger.model import Kind

GRANTED = (Role.MODERATOR, Role.POLICYMAKER)
"""What a claim may give. Never administrator."""
_BUTTONS_SECONDS = 30.0
_KEY = "buttons"
_buttons: dict[str, tuple[float, list[ProviderButton]]] = {}
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


@dataclass(frozen=True)
class ProviderDetails:
    """What is set of a provider. `secret`: None leaves the one that is stored; empty is a public client."""

    name: str
    issuer: str
    client_id: str
    secret: str | None = None
    domains: Sequence[str] = ()
    claim: str = ""
    roles: Mapping[str, Role] = field(default_factory=dict)
    own_factor: bool = False


def list_providers(session: Session) -> Sequence[SignOnProvider]:
    """All of them, by name."""
    return session.scalars(select(SignOnProvider).order_by(SignOnProvider.name, SignOnProvider.id)).all()


@dataclass(frozen=True)
class ProviderButton:
    """A provider on the sign-in page."""

    slug: str
    name: str


def list_buttons(session: Session) -> Sequence[ProviderButton]:
    """The providers for the sign-in page, at most 30 seconds old: a visitor at the door costs no statement."""
    at, found = _buttons.get(_KEY, (0.0, []))
    if _KEY not in _buttons or time.monotonic() - at > _BUTTONS_SECONDS:
        rows = session.execute(select(SignOnProvider.slug, SignOnProvider.name).order_by(SignOnProvider.name))
        found = [ProviderButton(*row) for row in rows]
        _buttons[_KEY] = (time.monotonic(), found)
    return found


def forget_buttons() -> None:
    """The next visitor's page asks the database."""
    _buttons.clear()


def count_identities(session: Session) -> dict[int, int]:
    """How many accounts are linked, by provider."""
    rows = session.execute(select(SignOnIdentity.provider_id, func.count()).group_by(SignOnIdentity.provider_id))
    return {row[0]: row[1] for row in rows}


def get_provider(session: Session, slug: str) -> SignOnProvider:
    """Raises NotFound."""
    row = session.scalar(select(SignOnProvider).where(SignOnProvider.slug == slug))
    if row is None:
        raise NotFound(_("There is no such provider of single sign-on here."))
    return row


def add(session: Session, slug: str, details: ProviderDetails, *, by: Account | None) -> SignOnProvider:
    """Adds a provider that answers at its address now. `by` is None on the command line. Raises Refusal."""
    if not _SLUG.fullmatch(slug):
        raise Refusal(
            _("Use 2 to 40 small letters, digits and hyphens, beginning with a letter or digit."), field="slug"
        )
    taken = select(SignOnProvider.id)
    if session.scalar(taken.where(SignOnProvider.slug == slug)) is not None:
        raise Refusal(_("Another provider has this short name."), field="slug")
    if session.scalar(taken.where(SignOnProvider.issuer == details.issuer)) is not None:
        raise Refusal(_("This provider is here already."), field="issuer")
    row = SignOnProvider(slug=slug, added_at=now(), secret_sealed=None)
    _set(row, details)
    session.add(row)
    session.flush()
    _record(session, Kind.PROVIDER_ADDED, row, by)
    return row


def change(session: Session, row: SignOnProvider, details: ProviderDetails, *, by: Account | None) -> None:
    """Replaces what is set. Another issuer is another provider: its identities are not the same. Raises Refusal."""
    if details.issuer != row.issuer:
        raise Refusal(
            _("The address of a provider does not change. Add the other one, then remove this one."), field="issuer"
        )
    _set(row, details)
    _record(session, Kind.PROVIDER_CHANGED, row, by)
    session.flush()


def remove(session: Session, row: SignOnProvider, *, by: Account | None) -> None:
    """Links to it open nothing any more, and the sessions that came from it end. Roles that it gave stay."""
    _record(session, Kind.PROVIDER_REMOVED, row, by)
    session.delete(row)
    session.flush()


def _set(row: SignOnProvider, details: ProviderDetails) -> None:
    if not is_safe_address(details.issuer):
        raise Refusal(_("Give the address of the provider with https, as it calls itself."), field="issuer")
    discovery.forget()
    try:
        discovery.discover(details.issuer)
    except Refusal as refusal:
        raise Refusal(refusal.message, field="issuer") from refusal
    if any(role not in GRANTED for role in details.roles.values()):
        raise Refusal(_("A claim makes nobody an administrator: give that role on the page People."), field="roles")
    domains = [one.strip().casefold() for one in details.domains if one.strip()]
    if wrong := next((one for one in domains if not _DOMAIN.fullmatch(one)), None):
        raise Refusal(_("%(domain)s is not a domain, such as ministry.example.org.", domain=wrong), field="domains")
    row.name, row.issuer, row.client_id = one_line(details.name)[:80], details.issuer, details.client_id
    row.domains, row.own_factor = domains, details.own_factor
    row.claim, row.roles = one_line(details.claim)[:80], {key: str(role) for key, role in details.roles.items()}
    if details.secret is not None:
        row.secret_sealed = seal(details.secret) if details.secret else None


def _record(session: Session, kind: Kind, row: SignOnProvider, by: Account | None) -> None:
    actor = pseudonym("account", by.id) if by else None
    forget_buttons()
    ledger.record(session, kind, subject_id=row.id, actor=actor, detail={"name": row.name})
