"""The web domain of a body, and its verification by a DNS TXT record."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.organisations.domain_verification import DnsLookup, fetch_text_records
from consult.bodies import service
from consult.bodies.model import PublicBody
from consult.core.clock import now
from consult.core.crypto import derive_token
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import one_line
from consult.ledger.model import Kind

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def read_domain(typed: str) -> str | None:
    """Return the domain of a typed domain or URL, or None for an empty value. Raises a Refusal for the field `domain`.

    >>> read_domain(" https://www.Health.example/about "), read_domain("")
    ('health.example', None)
    """
    domain = one_line(typed).casefold().partition("://")[2] or one_line(typed).casefold()
    domain = domain.partition("/")[0].removeprefix("www.")
    if not domain:
        return None
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    if not _DOMAIN.fullmatch(domain):
        raise Refusal(_("Enter a domain, such as health.example."), field="domain")
    return domain


def dns_line(body: PublicBody) -> str:
    """Return the text of the DNS TXT record that proves ownership."""
    return f"consult-proof={derive_token('domain proof', f'body:{body.id}:{body.domain}', b'')}"


def set_domain(session: Session, body: PublicBody, *, by: Account, typed: str) -> None:
    """Set the domain. A new domain is not verified yet. Raises Forbidden and Refusal."""
    service.check_may_edit(session, body, by)
    domain = read_domain(typed)
    if domain == body.domain:
        return
    body.domain, body.domain_proved_at = domain, None
    service.record(session, Kind.BODY_CHANGED, body, by=by, detail={"changed": ["domain"]})
    session.flush()


def prove(session: Session, body: PublicBody, *, by: Account, look_up: DnsLookup | None = None) -> None:
    """Verify the domain by its TXT record. Raises a Refusal if the record is not found (yet)."""
    service.check_may_edit(session, body, by)
    if body.domain is None:
        raise Refusal(_("Enter a domain, such as health.example."), field="domain")
    if dns_line(body) not in (look_up or fetch_text_records)(body.domain):
        raise Refusal(
            _(
                "We did not find the entry in the DNS of %(domain)s. It may take some hours to appear.",
                domain=body.domain,
            )
        )
    body.domain_proved_at = now()
    service.record(session, Kind.BODY_CHANGED, body, by=by, detail={"changed": ["domain_proved"]})
    session.flush()
