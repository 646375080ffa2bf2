"""Editions on demand for one person: compiled, previewed and e-mailed."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.errors import Refusal
from consult.core.i18n import _, force_locale
from consult.core.web.addresses import public_url
from consult.digests import letters as delivery_letters
from consult.digests import queries, service
from consult.digests.content.body import Body
from consult.digests.model import Cadence, Digest
from consult.digests.render import current_quotes
from consult.digests.render.task_phrases import letter_fields
from consult.ledger import chain
from consult.mail import service as mail
from consult.mail import suppression
from consult.mail.message import inline_css
from consult.mail.model import Letter
from consult.mail.render import letter_language, render_letter

_MOST = 20
"""The maximum number of copies of an edition per person, because e-mail is not free."""


def compile_on_demand(session: Session, row: Consultation) -> Digest:
    """Compile an edition of everything since the last one on demand. Raises Refusal if another is made concurrently."""
    made = service.compile_digest(session, consultation_id=row.id, cadence=Cadence.DEMAND, slot_at=now())
    if made is None:
        raise Refusal(_("Someone requested a digest at the same moment. Look in your workspace."))
    return made


def preview(session: Session, digest: Digest, account: Account, language: str) -> str:
    """Return the HTML of a digest's e-mail as this reader would see it."""
    body = current_quotes.fill_quotes(session, queries.get_body(digest))
    fields = {"unsubscribe": public_url("digests.desk"), **_fields(session, digest, body, account, language)}
    given = {**delivery_letters.build_context(digest, body, sheet=True), "place": fields.__getitem__}
    words = render_letter(delivery_letters.TEMPLATE, language, given)
    return inline_css(words.html)


def send_copy(session: Session, digest: Digest, account: Account, language: str) -> Letter:
    """E-mail a copy to the account's own address.

    Its footer links to the workspace, since there is no subscription to end. Raises Refusal if the address is blocked.
    """
    if suppression.get_closed_address(session, unseal(account.email_sealed)):
        raise Refusal(
            _("We have stopped e-mailing you because our e-mails were returned. Your account page explains what to do.")
        )
    prefix = f"copy:{digest.id}:{account.id}:"
    sent = session.scalar(select(func.count()).where(Letter.key.startswith(prefix))) or 0
    if sent >= _MOST:
        raise Refusal(_("You have already sent yourself the maximum number of copies of this digest."))
    body = current_quotes.fill_quotes(session, queries.get_body(digest))
    attached = delivery_letters.print_sheet(session, digest, body, language)
    return mail.post(
        session,
        key=f"{prefix}{sent + 1}",
        to=unseal(account.email_sealed),
        template=delivery_letters.TEMPLATE,
        language=language,
        fields={"unsubscribe": public_url("digests.desk"), **_fields(session, digest, body, account, language)},
        attached=attached,
        **delivery_letters.build_context(
            digest, body, sheet=attached is not None, head=chain.write_head(session, before=digest.until)
        ),
    )


def get_fields(session: Session, digest: Digest, body: Body, account: Account) -> dict[str, str]:
    """Return the reader's current tasks in the current language, since editions are also read later."""
    today = body.consultation.day_of(now())
    tasks = delivery_letters.get_tasks(session, digest, body, [account.id], today)
    return letter_fields(body, tasks.get(account.id), today)


def _fields(session: Session, digest: Digest, body: Body, account: Account, language: str) -> dict[str, str]:
    with force_locale(letter_language(language)):
        return get_fields(session, digest, body, account)
