"""E-mails of digests: one content per language, one e-mail per reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from email.utils import parseaddr
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import derive_token, unseal_address
from consult.core.errors import Refusal
from consult.core.i18n import _, force_locale
from consult.core.logs import log
from consult.core.web.addresses import public_url
from consult.core.web.requests import settings
from consult.digests import jobs
from consult.digests.content.body import Body
from consult.digests.content.slots import ReaderTask, get_answers_owed, get_reader_tasks
from consult.digests.model import Delivery, Digest, UnprintedDigest
from consult.digests.render import brief, contributors, current_quotes, first_screen, layout, phrases, template_helpers
from consult.digests.render.blocks import PaperDocument
from consult.digests.render.task_phrases import letter_fields, owed_line
from consult.ledger import chain
from consult.mail import service as mail
from consult.mail.message import Attachment
from consult.mail.model import Letter
from consult.mail.model import State as LetterState
from consult.mail.render import letter_language
from consult.mail.service import LetterCopy
from consult.mail.stop_links import one_click_headers

TEMPLATE = "digests/mail/digest"
_AT_ONCE = 1_000
"""The number of e-mails per statement, since it accepts at most 65,535 values, and to bound memory."""
_PRINTED = timedelta(days=8)
"""The maximum age of an edition whose e-mail includes a sheet, so that late e-mails about old editions do not."""


class CannotPrint(Refusal):
    """A document could not be printed. Its contents remain available as a page."""

    status = 503


@dataclass(frozen=True)
class DigestRecipient:
    """A subscription and its address."""

    subscription_id: int
    language: str
    address_sealed: bytes
    account_id: int = 0
    joined: bool = False  # gets combined e-mails


def unsubscribe_token(subscription_id: int) -> str:
    """Return the token in the unsubscribe link of a subscription."""
    return f"{subscription_id}-{derive_token('unsubscribe', str(subscription_id), b'')}"


def combined_unsubscribe_token(account_id: int) -> str:
    """Return the token in the unsubscribe link of a combined e-mail."""
    return f"all-{account_id}-{derive_token('unsubscribe all', str(account_id), b'')}"


def build_context(digest: Digest, body: Body, *, sheet: bool = False, head: str = "") -> dict[str, Any]:
    """Return the template context of an e-mail.

    `body` has the current words of its quotes. `sheet` is True if a PDF is attached. `head` is the hash of the ledger
    up to the edition.
    """
    return {
        "number": digest.id,
        "sheet": sheet,
        "ledger_head": head,
        "body": body,
        "slug": body.consultation.slug,
        "say": phrases,
        "tell": template_helpers,
        "contributors": contributors,
        "first": first_screen,
        "brief": brief.build(body, brief.LETTER),
        "most": {"said": 3, "rows": 8, "quotes": 2, "demands": 4},
    }


def write_letters(session: Session, digest: Digest, readers: Sequence[DigestRecipient]) -> dict[int, int]:
    """Queue an e-mail for each reader in batches. Return the e-mails' IDs by subscription."""
    if not readers or digest.body is None:
        return {}
    body = current_quotes.fill_quotes(session, digest.body)
    recent = digest.slot_at >= now() - _PRINTED
    by_language: dict[str, list[DigestRecipient]] = {}
    for reader in readers:
        by_language.setdefault(letter_language(reader.language), []).append(reader)
    tasks = get_tasks(session, digest, body, [reader.account_id for reader in readers])
    head = chain.write_head(session, before=digest.until)
    sent: dict[int, int] = {}
    for language, group in sorted(by_language.items()):
        attached = print_sheet(session, digest, body, language) if recent else None
        for first in range(0, len(group), _AT_ONCE):
            part = group[first : first + _AT_ONCE]
            earlier = _earlier(session, [reader.subscription_id for reader in part])
            with force_locale(language):
                asked = {one.account_id: letter_fields(body, tasks.get(one.account_id)) for one in part}
            copies = {one.subscription_id: _copy(digest, body, one, earlier, asked[one.account_id]) for one in part}
            ids = mail.post_all(
                session,
                shared_key=f"digest:{digest.id}",
                template=TEMPLATE,
                language=language,
                copies=list(copies.values()),
                attached=attached,
                **build_context(digest, body, sheet=attached is not None, head=head),
            )
            sent.update({subscription_id: ids[copy.key] for subscription_id, copy in copies.items()})
    return sent


def rewrite_letters(session: Session, digest: Digest) -> None:
    """Render the e-mails of an edition again, without quotes that may no longer be shown.

    Failed e-mails with other content, such as copies sent on demand, are ended.
    """
    if digest.body is None:
        return
    body = current_quotes.fill_quotes(session, digest.body)
    head = chain.write_head(session, before=digest.until)
    for language, with_sheet in mail.list_languages(session, shared_key=f"digest:{digest.id}").items():
        attached = print_sheet(session, digest, body, language) if with_sheet else None
        mail.rewrite(
            session,
            shared_key=f"digest:{digest.id}",
            template=TEMPLATE,
            language=language,
            attached=attached,
            **build_context(digest, body, sheet=attached is not None, head=head),
        )
    joined = select(Letter.key).join(Delivery, Delivery.letter_id == Letter.id).where(Delivery.digest_id == digest.id)
    copies = select(Letter.key).where(Letter.key.startswith(f"copy:{digest.id}:"))
    given_up = (joined.where(Letter.key.startswith("digests:")), copies)
    keys = [key for query in given_up for key in session.scalars(query.where(Letter.state == LetterState.DEAD))]
    mail.forget(session, keys=keys)


def build_sheet(session: Session, digest: Digest, body: Body) -> PaperDocument:
    """Return the one-page sheet as of today, with the number of answers due."""
    day = now().date()
    owed = owed_line(get_answers_owed(session, digest.consultation_id, day), day)
    return layout.one_page(body, digest.id, owed=owed)


def print_sheet(session: Session, digest: Digest, body: Body, language: str) -> Attachment | None:
    """Return the one-page PDF, or None if it cannot be made, which `/health` reports."""
    key = {"digest_id": digest.id, "language": language}
    try:
        with force_locale(language):
            made = jobs.make_pdf(build_sheet(session, digest, body))
    except Exception as error:
        log.error("digests.not_printed", digest=digest.id, error=type(error).__name__, exc_info=True)
        session.execute(insert(UnprintedDigest).values(**key, at=now()).on_conflict_do_nothing())
        return None
    session.execute(delete(UnprintedDigest).filter_by(**key))
    return Attachment(layout.file_name(body, "pdf"), "application/pdf", made)


def print_pdf(document: PaperDocument, name: str) -> bytes:
    """Print a document on request. `name` is logged. Raises CannotPrint."""
    try:
        return jobs.make_pdf(document)
    except Exception as error:
        log.error("digests.not_printed", paper=name, error=type(error).__name__, exc_info=True)
        raise CannotPrint(_("We cannot make the PDF at the moment. Try again later.")) from error


def get_tasks(
    session: Session, digest: Digest, body: Body, accounts: Sequence[int], day: date | None = None
) -> Mapping[int, ReaderTask]:
    """Return the tasks of readers of an edition as of a day, by default the day of its slot."""
    return get_reader_tasks(session, digest.consultation_id, accounts, day or body.to_day)


def _copy(
    digest: Digest, body: Body, reader: DigestRecipient, earlier: Mapping[int, str], asked: Mapping[str, str]
) -> LetterCopy:
    """Return one reader's e-mail. Sources: RFC 8058 (one click), RFC 2919 (List-Id), RFC 5322, 3.6.4 (threads)."""
    host, secret = settings().host, unsubscribe_token(reader.subscription_id)
    root = f"<subscription.{reader.subscription_id}@{host}>"
    before = earlier.get(reader.subscription_id)
    _name, address = parseaddr(settings().mail_from)
    headers = {
        **one_click_headers("<{{unsubscribe}}>, <mailto:" + address + "?subject=unsubscribe%20{{token}}>"),
        "List-Id": f"<{body.consultation.slug}.digests.{host}>",
        "References": f"{root} {before}" if before else root,
        "In-Reply-To": before or root,
    }
    return LetterCopy(
        f"digest:{digest.id}:{reader.subscription_id}",
        unseal_address(reader.address_sealed),
        headers,
        {"unsubscribe": public_url("digests.unsubscribe", token=secret), "token": secret, **asked},
    )


def _earlier(session: Session, subscriptions: Sequence[int]) -> dict[int, str]:
    """Return the Message-ID of the last digest sent to each subscription."""
    rows = session.execute(
        select(Delivery.subscription_id, Letter.message_id)
        .join(Letter, Letter.id == Delivery.letter_id)
        .where(Delivery.subscription_id.in_(subscriptions))
        .ext(distinct_on(Delivery.subscription_id))
        .order_by(Delivery.subscription_id, Delivery.digest_id.desc())
    )
    return {row.subscription_id: row.message_id for row in rows}
