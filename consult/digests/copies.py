"""Editions for one person: compiled when asked for, seen before they are sent, and sent to oneself."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.digests import letters, service, shown
from consult.digests.model import Cadence, Digest
from consult.mail import service as mail
from consult.mail.message import inlined
from consult.mail.model import Letter
from consult.mail.rendering import link, render

_MOST = 20
"""Copies of one edition to one person: it is their own address, but mail costs somebody something."""


def on_demand(session: Session, row: Consultation) -> Digest:
    """An edition now, of everything since the last one that was asked for."""
    made = service.compile_digest(session, consultation_id=row.id, cadence=Cadence.DEMAND, slot_at=now())
    if made is None:
        raise Refusal(_("Somebody asked for a digest at the same moment. Look at your desk."))
    return made


def preview(session: Session, digest: Digest, language: str) -> str:
    """The letter of a digest as a mail program shows it."""
    body = shown.fill(session, digest.body)
    page = link("digests.desk")
    given = {**letters.context(digest, body, sheet=True), "place": lambda _name: page}
    words = render(letters.TEMPLATE, language, given)
    return inlined(words.html)


def send(session: Session, digest: Digest, account: Account, language: str) -> Letter:
    """A copy of the letter to one's own address. Its link at the foot leads to the desk: there is nothing to end."""
    prefix = f"copy:{digest.id}:{account.id}:"
    sent = session.scalar(select(func.count()).where(Letter.key.startswith(prefix))) or 0
    if sent >= _MOST:
        raise Refusal(_("You have sent yourself this digest often enough."))
    body = shown.fill(session, digest.body)
    attached = letters.printed(digest, body, language)
    return mail.post(
        session, key=f"{prefix}{sent + 1}", to=unseal(account.email_sealed), template=letters.TEMPLATE,
        language=language, fields={"unsubscribe": link("digests.desk")},
        attached=attached, **letters.context(digest, body, sheet=attached is not None),
    )  # fmt: skip
