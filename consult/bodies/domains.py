"""The web address of a body, and the proof that it is its own: a line in the DNS."""

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
    """The domain of what was typed, also of a whole address; None for nothing. Raises a Refusal at `domain`.

    >>> read_domain(" https://www.Health.example/about "), read_domain("")
    ('health.example', None)
    """
    found = one_line(typed).casefold().partition("://")[2] or one_line(typed).casefold()
    found = found.partition("/")[0].removeprefix("www.")
    if not found:
        return None
    try:
        found = found.encode("idna").decode()
    except UnicodeError:
        found = ""
    if not _DOMAIN.fullmatch(found):
        raise Refusal(_("Enter a domain, such as health.example."), field="domain")
    return found


def dns_line(body: PublicBody) -> str:
    """The text that the DNS of its domain must hold."""
    return f"consult-proof={derive_token('domain proof', f'body:{body.id}:{body.domain}', b'')}"


def set_domain(session: Session, body: PublicBody, *, by: Account, typed: str) -> None:
    """Names the domain; another one is not proved yet. Raises Forbidden, Refusal."""
    service.check_may_edit(session, body, by)
    domain = read_domain(typed)
    if domain == body.domain:
        return
    body.domain, body.domain_proved_at = domain, None
    service.record(session, Kind.BODY_CHANGED, body, by=by, detail={"changed": ["domain"]})
    session.flush()


def prove(session: Session, body: PublicBody, *, by: Account, look_up: DnsLookup | None = None) -> None:
    """Looks for the line among the domain's TXT records. Raises a Refusal where it is not there (yet)."""
    service.check_may_edit(session, body, by)
    if body.domain is None:
        raise Refusal(_("Enter a domain, such as health.example."), field="domain")
    if dns_line(body) not in (look_up or fetch_text_records)(body.domain):
        raise Refusal(_("The line was not found in the DNS of %(domain)s. It may take some hours.", domain=body.domain))
    body.domain_proved_at = now()
    service.record(session, Kind.BODY_CHANGED, body, by=by, detail={"changed": ["domain_proved"]})
    session.flush()
