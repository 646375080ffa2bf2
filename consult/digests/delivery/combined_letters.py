"""Combined e-mails for all consultations of a reader, sent when the last digest of the day is compiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import unseal_address
from consult.core.db import advisory_lock
from consult.core.i18n import force_locale
from consult.core.web.addresses import public_url
from consult.core.web.requests import settings
from consult.digests import letters as delivery_letters
from consult.digests.content.body import Body
from consult.digests.delivery import combined_titles
from consult.digests.model import Delivery, Digest, Subscription, WaitingDigest
from consult.digests.render import current_quotes, phrases, template_helpers
from consult.digests.render.task_phrases import letter_fields
from consult.mail import service as mail
from consult.mail.render import letter_language
from consult.mail.stop_links import one_click_headers

TEMPLATE = "digests/mail/joined"
MAX_WAIT = timedelta(hours=26)
"""The maximum time an e-mail waits for other digests: within it, a day begins in every time zone."""
_READY = text(
    """
    SELECT w.account_id, s.cadence FROM digest_waiting w JOIN digest d ON d.id = w.digest_id
    JOIN subscription s ON s.id = w.subscription_id
    GROUP BY w.account_id, s.cadence
    HAVING min(d.compiled_at) <= :longest OR NOT EXISTS (
        SELECT 1 FROM subscription o JOIN readable_consultation c ON c.id = o.consultation_id
        WHERE o.account_id = w.account_id AND o.cadence = s.cadence AND o.ended_at IS NULL
            AND o.created_at < min(d.slot_at) AND c.phase <> 'draft' AND NOT EXISTS (
                SELECT 1 FROM digest other WHERE other.consultation_id = o.consultation_id
                    AND other.cadence = o.cadence
                    AND (other.slot_at AT TIME ZONE c.timezone)::date >= (max(d.slot_at) AT TIME ZONE c.timezone)::date
            )
    )
    ORDER BY w.account_id, s.cadence
    """
)


def list_ready(session: Session, *, at: datetime) -> Sequence[tuple[int, str]]:
    """Return (account ID, cadence) of readers whose digests of the day are complete."""
    return [(row[0], row[1]) for row in session.execute(_READY, {"longest": at - MAX_WAIT})]


def write_combined_letter(session: Session, *, account_id: int, cadence: str, at: datetime | None = None) -> int | None:
    """Create the e-mail of a reader's waiting digests and return its ID, or None if nothing is waiting."""
    advisory_lock(session, "digests.join", account_id)
    rows = session.execute(
        select(WaitingDigest, Digest, Subscription)
        .join(Digest, Digest.id == WaitingDigest.digest_id)
        .join(Subscription, Subscription.id == WaitingDigest.subscription_id)
        .where(WaitingDigest.account_id == account_id, Subscription.cadence == cadence)
        .order_by(Digest.id)
    ).all()
    if not rows:
        return None
    account = session.get_one(Account, account_id)
    ids = "-".join(str(digest.id) for _waiting, digest, _kept in rows)
    secret = delivery_letters.combined_unsubscribe_token(account_id)
    letter = mail.post(
        session,
        key=f"digests:{account_id}:{ids}",
        to=unseal_address(account.email_sealed),
        template=TEMPLATE,
        language=rows[0][2].language,
        headers=_headers(account_id),
        fields={"unsubscribe": public_url("digests.unsubscribe", token=secret), "token": secret},
        bodies=(bodies := _fill_bodies(session, [digest for _waiting, digest, _kept in rows])),
        wanted=_list_asked(session, account_id, rows[0][2].language, [row[1] for row in rows], dict(bodies)),
        say=phrases,
        tell=template_helpers,
        titles=combined_titles,
    )
    told = [
        {"digest_id": digest.id, "subscription_id": kept.id, "letter_id": letter.id} for _waiting, digest, kept in rows
    ]
    session.execute(insert(Delivery).on_conflict_do_nothing(), told)
    numbers = [digest.id for _waiting, digest, _kept in rows]
    session.execute(
        delete(WaitingDigest).where(WaitingDigest.account_id == account_id, WaitingDigest.digest_id.in_(numbers))
    )
    return letter.id


def _fill_bodies(session: Session, digests: Sequence[Digest]) -> list[tuple[int, Body]]:
    """Return the bodies of editions with their IDs, most new submissions first."""
    bodies = [(digest.id, current_quotes.fill_quotes(session, digest.body)) for digest in digests if digest.body]
    return sorted(bodies, key=lambda pair: (-pair[1].numbers.received.new, pair[0]))


def _list_asked(
    session: Session, account_id: int, language: str, digests: Sequence[Digest], bodies: Mapping[int, Body]
) -> dict[int, dict[str, str]]:
    """Return the fields for a reader's tasks, by digest ID."""
    asked = {}
    with force_locale(letter_language(language)):
        for digest in digests:
            if (body := bodies.get(digest.id)) is not None:
                tasks = delivery_letters.get_tasks(session, digest, body, [account_id])
                asked[digest.id] = letter_fields(body, tasks.get(account_id))
    return asked


def _headers(account_id: int) -> dict[str, str]:
    host = settings().host
    _name, address = parseaddr(settings().mail_from)
    root = f"<digests.{account_id}@{host}>"
    return {
        **one_click_headers("<{{unsubscribe}}>, <mailto:" + address + "?subject=unsubscribe%20{{token}}>"),
        "List-Id": f"<digests.{host}>",
        "References": root,
    }


def write_ready_letters(session: Session) -> int:
    """Create all combined e-mails that are complete, and return their number."""
    waiting = list_ready(session, at=now())
    return sum(
        write_combined_letter(session, account_id=account, cadence=cadence) is not None for account, cadence in waiting
    )
