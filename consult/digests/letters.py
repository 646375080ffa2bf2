"""The letters of a digest: one content for each language, one letter for each reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from importlib import import_module
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import derived, unseal
from consult.core.i18n import force_locale
from consult.core.logs import log
from consult.core.web import settings
from consult.digests import contributors, phrases, sheet, shown, telling
from consult.digests.model import Delivery, Digest
from consult.mail import service as mail
from consult.mail.message import Attachment
from consult.mail.model import Letter
from consult.mail.rendering import link, spoken
from consult.mail.service import Copy

TEMPLATE = "digests/mail/digest"
_AT_ONCE = 1_000
"""Letters of one statement: it takes no more than 65,535 values, and memory need not grow with the readers."""
_PRINTED = timedelta(days=8)
"""How old an edition may be for its letter to carry a sheet: a week's, and not what is told of long ago."""


@dataclass(frozen=True)
class Reader:
    """A subscription and where its letters go."""

    subscription_id: int
    language: str
    address_sealed: bytes
    account_id: int = 0
    joined: bool = False  # one letter for all consultations


def token(subscription_id: int) -> str:
    """What the unsubscribe link of a subscription ends with."""
    return f"{subscription_id}-{derived('unsubscribe', str(subscription_id), b'')}"


def joined_token(account_id: int) -> str:
    """What the unsubscribe link of a letter about several consultations ends with."""
    return f"all-{account_id}-{derived('unsubscribe all', str(account_id), b'')}"


def context(digest: Digest, body: Mapping[str, Any], *, sheet: bool = False) -> dict[str, Any]:
    """What the templates of a letter are given: `body` with the words of its quotes, whether its sheet is attached."""
    return {
        "number": digest.id, "sheet": sheet, "body": body, "slug": digest.body["consultation"]["slug"], "say": phrases,
        "tell": telling, "who": contributors,
        "most": {"said": 3, "rows": 11, "quotes": 2, "copied": 3},
    }  # fmt: skip


def write(session: Session, digest: Digest, readers: Sequence[Reader]) -> dict[int, int]:
    """Writes a letter for each reader into the outbox, some at a time; gives the letters' ids by subscription."""
    if not readers:
        return {}
    body = shown.fill(session, digest.body)
    recent = digest.slot_at >= now() - _PRINTED
    by_language: dict[str, list[Reader]] = {}
    for reader in readers:
        by_language.setdefault(spoken(reader.language), []).append(reader)
    sent: dict[int, int] = {}
    for language, group in sorted(by_language.items()):
        attached = printed(digest, body, language) if recent else None
        for first in range(0, len(group), _AT_ONCE):
            part = group[first : first + _AT_ONCE]
            earlier = _earlier(session, [reader.subscription_id for reader in part])
            copies = {reader.subscription_id: _copy(digest, reader, earlier) for reader in part}
            ids = mail.post_all(
                session, shared_key=f"digest:{digest.id}", template=TEMPLATE, language=language,
                copies=list(copies.values()), attached=attached,
                **context(digest, body, sheet=attached is not None),
            )  # fmt: skip
            sent.update({subscription_id: ids[copy.key] for subscription_id, copy in copies.items()})
    return sent


def printed(digest: Digest, body: Mapping[str, Any], language: str) -> Attachment | None:
    """The one-page PDF. A letter goes without it where it cannot be printed."""
    try:
        with force_locale(language):
            made = printer().pdf(sheet.one_page(body, digest.id))
    except Exception as error:
        log.error("digests.not_printed", digest=digest.id, error=type(error).__name__, exc_info=True)
        return None
    return Attachment(sheet.file_name(body, "pdf"), "application/pdf", made)


def printer() -> Any:
    """Loaded when something is to be printed: no page needs it."""
    return import_module("consult.digests.printing")


def _copy(digest: Digest, reader: Reader, earlier: Mapping[int, str]) -> Copy:
    """One reader's letter. Sources: RFC 8058 (one click), RFC 2919 (List-Id), RFC 5322 section 3.6.4 (threads)."""
    host, secret = settings().host, token(reader.subscription_id)
    root = f"<subscription.{reader.subscription_id}@{host}>"
    before = earlier.get(reader.subscription_id)
    _name, address = parseaddr(settings().mail_from)
    headers = {
        "List-Unsubscribe": "<{{unsubscribe}}>, <mailto:" + address + "?subject=unsubscribe%20{{token}}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<{digest.body['consultation']['slug']}.digests.{host}>",
        "References": f"{root} {before}" if before else root,
        "In-Reply-To": before or root,
    }
    return Copy(
        f"digest:{digest.id}:{reader.subscription_id}", unseal(reader.address_sealed), headers,
        {"unsubscribe": link("digests.unsubscribe", token=secret), "token": secret},
    )  # fmt: skip


def _earlier(session: Session, subscriptions: Sequence[int]) -> dict[int, str]:
    """The Message-ID of the last digest sent to each."""
    rows = session.execute(
        select(Delivery.subscription_id, Letter.message_id)
        .join(Letter, Letter.id == Delivery.letter_id)
        .where(Delivery.subscription_id.in_(subscriptions))
        .ext(distinct_on(Delivery.subscription_id))
        .order_by(Delivery.subscription_id, Delivery.digest_id.desc())
    )
    return {row.subscription_id: row.message_id for row in rows}
