"""Followers of a consultation: accounts, or confirmed e-mail addresses.

They get e-mails about its dates, new versions and answers. E-mails go through the outbox, one for each reason and
follower, so a repeated job sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from limits import RateLimitItemPerHour
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation, Follow, Phase
from consult.core.clock import now
from consult.core.web import limits
from consult.core.web.addresses import public_url
from consult.mail import confirmed_address
from consult.mail import service as mail
from consult.mail.confirmed_address import unseal_reader
from consult.mail.render import letter_language
from consult.mail.service import LetterCopy
from consult.mail.stop_links import one_click_headers

REMINDER_LEAD = timedelta(days=3)
"""The time before closing at which followers are reminded."""
_LETTERS = RateLimitItemPerHour(1, namespace="follow-letters")
"""The limit on e-mails that ask an address to confirm, because anyone can enter it."""


def follow(session: Session, *, consultation: Consultation, account: Account) -> None:
    """Follow with an account, whose address is confirmed already. Safe to repeat."""
    key = {"consultation_id": consultation.id, "account_id": account.id}
    confirmed_address.add_account(session, Follow, key=key, wants={"language": account.language})


def unfollow(session: Session, *, consultation: Consultation, account: Account) -> None:
    session.execute(delete(Follow).where(Follow.consultation_id == consultation.id, Follow.account_id == account.id))


def is_following(session: Session, *, consultation: Consultation, account_id: int) -> bool:
    """Return True if the account follows the consultation."""
    wanted = select(Follow.id).where(Follow.consultation_id == consultation.id, Follow.account_id == account_id)
    return session.scalar(wanted) is not None


def request_confirmation(session: Session, *, consultation: Consultation, email: str, language: str) -> None:
    """Send a confirmation link to an address, unless it is confirmed. The page is the same in both cases.

    A confirmed address that has bounced since is asked again. At most one such e-mail an hour is sent to an address;
    its link also lists other follow requests that wait for it.
    """
    key = {"consultation_id": consultation.id}
    row, is_asked = confirmed_address.add_address(session, Follow, email, key=key, wants={"language": language})
    if is_asked and limits.take(_LETTERS, limits.blind_key("email", email.strip().casefold())):
        mail.post(
            session,
            key=f"follow:{row.id}:{now():%Y%m%d%H}",
            to=email,
            template="consultations/mail/follow",
            language=language,
            title=consultation.title,
            body=consultation.body,
            token=row.token,
            asked=True,
        )


def get_by_token(session: Session, given: str) -> tuple[Follow, Consultation]:
    """Return the follower of a link and the consultation followed. Raises NotFound."""
    row = confirmed_address.get_by_token(session, Follow, given)
    return row, session.get_one(Consultation, row.consultation_id)


def list_waiting(session: Session, row: Follow) -> Sequence[tuple[Follow, Consultation]]:
    """Return other unconfirmed follow requests for the same address, newest first."""
    rows = session.execute(
        select(Follow, Consultation)
        .join(Consultation, Consultation.id == Follow.consultation_id)
        .where(Follow.email_index == row.email_index, Follow.confirmed_at.is_(None), Follow.id != row.id)
        .order_by(Follow.id.desc())
    )
    return [(one, consultation) for one, consultation in rows]


def confirm(session: Session, given: str, *, also: Collection[int] = ()) -> Follow:
    """Confirm a follow request, and those in `also` that wait for the same address. Safe to repeat."""
    row, _consultation = get_by_token(session, given)
    for other, _it in list_waiting(session, row):
        other.confirmed_at = now() if other.id in also else None
    confirmed_address.confirm(session, row)
    return row


def unfollow_by_token(session: Session, given: str) -> None:
    """Stop following and delete the address."""
    session.delete(get_by_token(session, given)[0])


def notify_followers(session: Session, consultation: Consultation, *, about: str, key: str, **context: Any) -> int:
    """Queue the e-mail `consultations/mail/<about>` to all followers. Return the number of followers."""
    rows = session.execute(
        select(Follow, Account)
        .outerjoin(Account, Account.id == Follow.account_id)
        .where(Follow.consultation_id == consultation.id, Follow.confirmed_at.is_not(None))
    ).all()
    by_language: dict[str, list[LetterCopy]] = {}
    for row, account in rows:
        by_language.setdefault(letter_language(row.language), []).append(_letter_copy(row, account, key))
    for language, copies in sorted(by_language.items()):
        mail.post_all(
            session,
            shared_key=key,
            template=f"consultations/mail/{about}",
            language=language,
            copies=copies,
            title=consultation.title,
            body=consultation.body,
            slug=consultation.slug,
            zone=consultation.timezone,
            closes_at=consultation.closes_at,
            **context,
        )
    return len(rows)


def _letter_copy(row: Follow, account: Account | None, key: str) -> LetterCopy:
    """Return one follower's e-mail, with one-click unsubscribing. Source: RFC 8058."""
    headers = one_click_headers("<{{unfollow}}>")
    fields = {"unfollow": public_url("consultations.unfollow", token=row.token)}
    return LetterCopy(f"{key}:{row.id}", unseal_reader(row, account), headers, fields)


def send_reminders(session: Session, *, at: datetime) -> int:
    """Remind followers of consultations that close soon, once per closing time. Return the number of consultations."""
    due: Sequence[Consultation] = session.scalars(
        select(Consultation)
        .where(
            Consultation.phase == Phase.OPEN, Consultation.closes_at > at, Consultation.closes_at <= at + REMINDER_LEAD
        )
        .where(Consultation.reminded_for.is_distinct_from(Consultation.closes_at))
        .with_for_update(skip_locked=True)
    ).all()
    for row in due:
        notify_followers(session, row, about="reminder", key=reminder_key(row))
        row.reminded_for = row.closes_at
    return len(due)


def reminder_key(row: Consultation) -> str:
    """Return the prefix of the keys of these reminders."""
    return f"reminder:{row.id}:{row.closes_at:%Y%m%d%H%M}"
