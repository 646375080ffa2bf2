"""Followers of a consultation, who get letters about its dates: accounts, or confirmed addresses.

An address is encrypted with the row's own salt; nothing but the row shows that somebody follows. Letters go through
the outbox, one for each reason and follower, so a repeated chore sends nothing twice.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation, Facilitator, Follow, Phase
from consult.core.clock import now
from consult.core.crypto import blind_index, derive_token, seal, unseal, unseal_address
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.addresses import public_url
from consult.mail import service as mail
from consult.mail import suppression
from consult.mail.render import letter_language
from consult.mail.service import LetterCopy

REMINDER_LEAD = timedelta(days=3)
"""How long before it closes followers are reminded."""
CONFIRMED_WITHIN = timedelta(days=7)


def follow(session: Session, *, consultation: Consultation, account: Account) -> None:
    """Follows with an account, whose address is confirmed already. Again changes nothing."""
    row = insert(Follow).values(
        consultation_id=consultation.id,
        account_id=account.id,
        salt=secrets.token_bytes(32),
        language=account.language,
        confirmed_at=now(),
        created_at=now(),
    )
    session.execute(row.on_conflict_do_nothing())


def unfollow(session: Session, *, consultation: Consultation, account: Account) -> None:
    session.execute(delete(Follow).where(Follow.consultation_id == consultation.id, Follow.account_id == account.id))


def delete_for_account(session: Session, *, account: Account) -> None:
    """Follows nothing any more, neither with the account nor with its address, and files for no groups."""
    theirs = (Follow.account_id == account.id) | (Follow.email_index == account.email_index)
    session.execute(delete(Follow).where(theirs))
    session.execute(delete(Facilitator).where(Facilitator.account_id == account.id))


def is_following(session: Session, *, consultation: Consultation, account_id: int) -> bool:
    """Whether an account follows."""
    wanted = select(Follow.id).where(Follow.consultation_id == consultation.id, Follow.account_id == account_id)
    return session.scalar(wanted) is not None


def request_confirmation(session: Session, *, consultation: Consultation, email: str, language: str) -> None:
    """Writes to an address with the link that confirms it; to one that was confirmed, nothing. The page says the same.

    One that was confirmed, and from which letters came back since, is asked again. At most one such letter a day goes
    to an address about a consultation.
    """
    salt = secrets.token_bytes(32)
    added = insert(Follow).values(
        consultation_id=consultation.id,
        email_sealed=seal(email, salt=salt),
        email_index=blind_index(email),
        salt=salt,
        language=language,
        created_at=now(),
    )
    session.execute(added.on_conflict_do_nothing())
    row = session.scalars(
        select(Follow).where(Follow.consultation_id == consultation.id, Follow.email_index == blind_index(email))
    ).one()
    if row.confirmed_at is None or suppression.get_closed_address(session, email):
        mail.post(
            session,
            key=f"follow:{row.id}:{now():%Y%m%d}",
            to=email,
            template="consultations/mail/follow",
            language=language,
            title=consultation.title,
            body=consultation.body,
            token=follow_token(row),
            asked=True,
        )


def follow_token(row: Follow) -> str:
    """The token at the end of a follower's links. It expires with the row."""
    return f"{row.id}-{derive_token('follow', str(row.id), row.salt)}"


def get_by_token(session: Session, given: str) -> tuple[Follow, Consultation]:
    """The follower that a link is of, and what it follows. Raises NotFound."""
    number = given.partition("-")[0]
    row = session.get(Follow, int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
    if row is None or not hmac.compare_digest(follow_token(row).encode(), given.encode()):
        raise NotFound(_("This link is not known. It may have been used to stop the letters, or a part is missing."))
    return row, session.get_one(Consultation, row.consultation_id)


def confirm(session: Session, given: str) -> Follow:
    """Confirms the address that the link was sent to. May be repeated."""
    row, _consultation = get_by_token(session, given)
    row.confirmed_at = row.confirmed_at or now()
    if row.email_sealed:
        suppression.confirm_address(session, unseal(row.email_sealed, salt=row.salt))
    return row


def unfollow_by_token(session: Session, given: str) -> None:
    """Tells no more, and forgets the address."""
    session.delete(get_by_token(session, given)[0])


def notify_followers(session: Session, consultation: Consultation, *, about: str, key: str, **context: Any) -> int:
    """Writes `consultations/mail/<about>` to everybody who follows; gives how many letters there are with this key."""
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
    """One follower's letter, with one-click unsubscribing. Source: RFC 8058."""
    sealed, salt = (account.email_sealed, b"") if account else (row.email_sealed or b"", row.salt)
    headers = {"List-Unsubscribe": "<{{unfollow}}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    fields = {"unfollow": public_url("consultations.unfollow", token=follow_token(row))}
    return LetterCopy(f"{key}:{row.id}", unseal_address(sealed, salt=salt), headers, fields)


def send_reminders(session: Session, *, at: datetime) -> int:
    """Reminds the followers of what closes soon, once for each closing time; gives of how many consultations."""
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
    """What the keys of these reminders begin with."""
    return f"reminder:{row.id}:{row.closes_at:%Y%m%d%H%M}"


def purge(session: Session, *, at: datetime) -> None:
    """Forgets addresses that were not confirmed, and who followed what has long closed."""
    session.execute(delete(Follow).where(Follow.confirmed_at.is_(None), Follow.created_at < at - CONFIRMED_WITHIN))
